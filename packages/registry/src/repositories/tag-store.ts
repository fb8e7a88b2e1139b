// Long because it is one thing: the SQL that begins, changes and ends intervals of tags.
import { PostgresAdapter, sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import { preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
import type { Tables } from "../database/tables.ts";

/** The open interval of a tag. */
export interface OpenTag {
  readonly id: number;
  readonly name: string;
  readonly digest: string;
  readonly startedAt: number;
  /** From this time on it is not served; null: it stays. */
  readonly expiresAt: number | null;
  /** 1: protected by itself; a policy may protect it as well. */
  readonly immutable: number;
}

export type EndKind = "moved" | "deleted" | "expired" | "pruned";

const OPEN_COLUMNS = [
  "tags.id",
  "tags.name",
  "tags.manifest_digest as digest",
  "tags.started_at as startedAt",
  "tags.expires_at as expiresAt",
  "tags.immutable",
] as const;

/**
 * The open interval of a tag, locked until the transaction ends (on SQLite a transaction that writes is alone anyway),
 * and whether policies of its repository or namespace protect tags. Indexes: `tags_open`; `policies` by
 * (repository_id, kind) and (namespace_id, kind).
 */
export async function lockOpenTag(
  trx: Transaction<Tables>,
  repository: { readonly id: number; readonly namespaceId: number },
  tag: string,
): Promise<(OpenTag & { readonly hasPolicies: number }) | undefined> {
  const { id: repositoryId, namespaceId } = repository;
  return LOCK_OPEN.first(trx, { repositoryId, namespaceId, tag });
}

const LOCK_OPEN = preparedQuery(
  (db, parameter: Parameter<{ repositoryId: number; namespaceId: number; tag: string }>) =>
    db
      .selectFrom("tags")
      .select(OPEN_COLUMNS)
      .select(
        sql<number>`case when exists (select 1 from policies where kind = 'immutability'
            and repository_id = ${parameter("repositoryId")})
          or exists (select 1 from policies where kind = 'immutability'
            and namespace_id = ${parameter("namespaceId")}) then 1 else 0 end`.as("hasPolicies"),
      )
      .where("tags.repository_id", "=", parameter("repositoryId"))
      .where("tags.name", "=", parameter("tag"))
      .where("tags.ended_at", "is", null)
      .$if(isPostgres(db), (query) => query.forUpdate("tags")),
);

/** Times that somebody else may move a tag in between. */
const ATTEMPTS = 20;

/**
 * As {@link lockOpenTag}, for those who do not go on to begin an interval: on PostgreSQL that one may find nothing after
 * it has waited for a move, as the interval that has begun since was not there when it looked.
 */
export async function lockTag(
  trx: Transaction<Tables>,
  repository: { readonly id: number; readonly namespaceId: number },
  tag: string,
): Promise<(OpenTag & { readonly hasPolicies: number }) | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const open = await lockOpenTag(trx, repository, tag);
    if (open !== undefined || !isPostgres(trx)) return open;
    const isThere = await trx
      .selectFrom("tags")
      .select("id")
      .where("repository_id", "=", repository.id)
      .where("name", "=", tag)
      .where("ended_at", "is", null)
      .executeTakeFirst();
    if (isThere === undefined) return undefined;
  }
  throw new Error("the tag is being moved by too many at once");
}

/** As {@link lockOpenTag}, all that point to one of some manifests. Index: `tags` by (repository_id, manifest_digest). */
export async function lockOpenTagsOf(
  trx: Transaction<Tables>,
  repositoryId: number,
  digests: readonly string[],
): Promise<OpenTag[]> {
  return trx
    .selectFrom("tags")
    .select(OPEN_COLUMNS)
    .where("tags.repository_id", "=", repositoryId)
    .where("tags.manifest_digest", "in", digests)
    .where("tags.ended_at", "is", null)
    .orderBy("tags.id")
    .$if(isPostgres(trx), (query) => query.forUpdate("tags"))
    .execute();
}

/** As {@link lockOpenTag}, those of some intervals that are still open. */
export async function lockOpenTagsById(
  trx: Transaction<Tables>,
  ids: readonly number[],
): Promise<OpenTag[]> {
  return trx
    .selectFrom("tags")
    .select(OPEN_COLUMNS)
    .where("tags.id", "in", ids)
    .where("tags.ended_at", "is", null)
    .orderBy("tags.id")
    .$if(isPostgres(trx), (query) => query.forUpdate("tags"))
    .execute();
}

/** As {@link lockOpenTag}, some tags. Index: `tags_open`. */
export async function lockOpenTagsByName(
  trx: Transaction<Tables>,
  repositoryId: number,
  names: readonly string[],
): Promise<OpenTag[]> {
  return trx
    .selectFrom("tags")
    .select(OPEN_COLUMNS)
    .where("tags.repository_id", "=", repositoryId)
    .where("tags.name", "in", names)
    .where("tags.ended_at", "is", null)
    .orderBy("tags.id")
    .$if(isPostgres(trx), (query) => query.forUpdate("tags"))
    .execute();
}

function isPostgres(db: Kysely<Tables>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** Ends an interval that {@link lockOpenTag} has locked; it never ends before it began. */
export async function closeTag(
  trx: Transaction<Tables>,
  id: number,
  end: { readonly at: number; readonly by: string | undefined; readonly kind: EndKind },
): Promise<void> {
  await CLOSE.run(trx, { id, at: end.at, by: end.by ?? null, kind: end.kind });
}

interface ClosedTag {
  readonly id: number;
  readonly at: number;
  readonly by: string | null;
  readonly kind: EndKind;
}

const CLOSE = preparedQuery((db, parameter: Parameter<ClosedTag>) =>
  db
    .updateTable("tags")
    .set({
      ended_at: sql<number>`case when started_at > ${parameter("at")}
        then started_at else ${parameter("at")} end`,
      ended_by: parameter("by"),
      end_kind: parameter("kind"),
    })
    .where("id", "=", parameter("id"))
    .where("ended_at", "is", null),
);

/** What an interval begins with. */
export interface NewTag {
  readonly repositoryId: number;
  readonly tag: string;
  readonly digest: string;
  readonly by: string | null;
  readonly now: number;
  readonly expiresAt: number | null;
  readonly immutable: number;
  readonly reversion: number;
}

/**
 * Begins an interval, not before the one before it has ended, wherever that was written by a clock that is ahead.
 * Indexes: `tags` by (repository_id, name, started_at); primary keys.
 *
 * @returns false when the tag has an open interval
 */
export async function beginTag(trx: Transaction<Tables>, tag: NewTag): Promise<boolean> {
  return (await BEGIN.first(trx, tag)) !== undefined;
}

const BEGIN = preparedQuery((db, parameter: Parameter<NewTag>) =>
  db
    .insertInto("tags")
    .values({
      repository_id: parameter("repositoryId"),
      name: parameter("tag"),
      manifest_digest: parameter("digest"),
      started_at: sql<number>`coalesce((
        select case when last.ended_at > ${parameter("now")} then last.ended_at end from tags last
        where last.repository_id = ${parameter("repositoryId")} and last.name = ${parameter("tag")}
        order by last.started_at desc, last.id desc limit 1), ${parameter("now")})`,
      ended_at: null,
      started_by: parameter("by"),
      expires_at: parameter("expiresAt"),
      immutable: parameter("immutable"),
      reversion: parameter("reversion"),
      size: sql<number>`(
        select case when m.kind = 'image' then m.total_size else coalesce((
          select sum(child.total_size) from manifest_children link
          join manifests child on child.repository_id = link.repository_id
            and child.digest = link.child_digest
          where link.repository_id = m.repository_id and link.manifest_digest = m.digest), 0) end
        from manifests m
        where m.repository_id = ${parameter("repositoryId")} and m.digest = ${parameter("digest")})`,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id"),
);

/** Changes what stands beside an open interval that was locked. */
export async function updateOpenTag(
  trx: Transaction<Tables>,
  id: number,
  values: { readonly expires_at?: number | null; readonly immutable?: number },
): Promise<void> {
  await trx
    .updateTable("tags")
    .set(values)
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .execute();
}

/** The latest interval of a tag that pointed to a manifest. Index: `tags` by (repository_id, name, started_at). */
export async function findLastIntervalOf(
  db: Kysely<Tables>,
  repositoryId: number,
  tag: string,
  digest: string,
): Promise<{ readonly expiresAt: number | null; readonly endedAt: number | null } | undefined> {
  return db
    .selectFrom("tags")
    .select(["expires_at as expiresAt", "ended_at as endedAt"])
    .where("repository_id", "=", repositoryId)
    .where("name", "=", tag)
    .where("manifest_digest", "=", digest)
    .orderBy("started_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

/**
 * When a tag that is not there ended, and how long its namespace lets it be taken back, in milliseconds.
 * Index: `tags` by (repository_id, name, started_at).
 *
 * @param window of namespaces that have none of their own
 */
export async function findEndOfTag(
  db: Kysely<Tables>,
  repositoryId: number,
  tag: string,
  window: number,
): Promise<{ readonly end: number | null; readonly window: number } | undefined> {
  return db
    .selectFrom("tags")
    .innerJoin("repositories", "repositories.id", "tags.repository_id")
    .innerJoin("accounts", "accounts.id", "repositories.namespace_id")
    .select((eb) => [
      sql<number | null>`coalesce(tags.ended_at, tags.expires_at)`.as("end"),
      eb.fn.coalesce("accounts.tag_expiration", eb.val(window)).as("window"),
    ])
    .where("tags.repository_id", "=", repositoryId)
    .where("tags.name", "=", tag)
    .orderBy("tags.started_at", "desc")
    .orderBy("tags.id", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** How long the tags of a namespace can be taken back, in milliseconds. @param standard where it says nothing */
export async function findTagWindow(
  db: Kysely<Tables>,
  namespaceId: number,
  standard: number,
): Promise<number> {
  const row = await db
    .selectFrom("accounts")
    .select("tag_expiration")
    .where("id", "=", namespaceId)
    .executeTakeFirst();
  return row?.tag_expiration ?? standard;
}

/**
 * Tags in byte order with the times from which on they are not served. Index: `tags_open`.
 *
 * @param after the last name of the page before
 */
export async function findTagNames(
  db: Kysely<Tables>,
  repositoryId: number,
  after: string | undefined,
  limit: number,
  now: number,
): Promise<{ readonly name: string; readonly expiresAt: number | null }[]> {
  let query = db
    .selectFrom("tags")
    .select(["name", "expires_at as expiresAt"])
    .where("repository_id", "=", repositoryId)
    .where("ended_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]));
  if (after !== undefined) query = query.where("name", ">", after);
  return query.orderBy("name").limit(limit).execute();
}
