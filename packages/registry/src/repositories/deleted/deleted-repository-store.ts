// Long because it is one thing: the SQL of a repository from its deletion to its end.
import { sql } from "kysely";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { REPOSITORY_COLUMNS, toRepository } from "../repository-store.ts";
import type { Repository } from "../repository.ts";
import { FIRST_OF_DELETED } from "../visible-repository-store.ts";

type Reader = Kysely<Tables>;
type Row = Selectable<Tables["repositories"]>;

/** A deleted repository; its `name` is what it was called. */
export interface DeletedRepository extends Repository {
  readonly description: string;
  /** Milliseconds since 1970. */
  readonly deletedAt: number;
  readonly deletedBy: string | null;
}

/**
 * Takes a repository out of sight and frees its name; everything else stays as it is.
 *
 * @returns false when it is deleted already
 */
export async function hideRepository(
  trx: Transaction<Tables>,
  id: number,
  by: string | undefined,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("repositories")
    .set((eb) => ({
      name: `${FIRST_OF_DELETED}deleted/${id}`,
      deleted_at: now,
      deleted_by: by ?? null,
      deleted_name: eb.ref("name"),
    }))
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** @param since what was deleted before cannot be restored any more */
export async function findDeleted(
  db: Reader,
  id: number,
  since: number,
): Promise<DeletedRepository | undefined> {
  const row = await db
    .selectFrom("repositories")
    .select([...REPOSITORY_COLUMNS, "description", "deleted_at", "deleted_by", "deleted_name"])
    .where("id", "=", id)
    .where("deleted_at", ">=", since)
    .where("deleted_name", "is not", null)
    .executeTakeFirst();
  return row && toDeleted(row);
}

/**
 * Deleted repositories of a namespace that can be restored, the last deleted first. Index: repositories_deleted.
 *
 * @param administratedBy only those that the account had the role admin on, by itself or by a team; undefined: all
 */
export async function listDeleted(
  db: Reader,
  namespaceId: number,
  page: {
    readonly since: number;
    readonly before: { readonly deletedAt: number; readonly id: number } | undefined;
    readonly limit: number;
    readonly administratedBy: number | undefined;
    /** By full name; undefined: all. */
    readonly only: ReadonlySet<string> | undefined;
  },
): Promise<(DeletedRepository & { readonly pendingBytes: number | null })[]> {
  const { since, before, limit, administratedBy, only } = page;
  let query = db
    .selectFrom("repositories as r")
    .leftJoin("repository_usage as u", "u.repository_id", "r.id")
    .select([
      "r.id",
      "r.name",
      "r.namespace_id",
      "r.visibility",
      "r.state",
      "r.squash_at_push",
      "r.squash_compression",
      "r.description",
      "r.deleted_at",
      "r.deleted_by",
      "r.deleted_name",
      sql<number | null>`u.bytes + u.pending_bytes`.as("pendingBytes"),
    ])
    .where("r.namespace_id", "=", namespaceId)
    .where("r.deleted_at", ">=", since)
    .where("r.deleted_at", "is not", null)
    .where("r.deleted_name", "is not", null)
    .orderBy("r.deleted_at", "desc")
    .orderBy("r.id", "desc")
    .limit(limit);
  if (before !== undefined) {
    query = query.where(sql<boolean>`(r.deleted_at, r.id) < (${before.deletedAt}, ${before.id})`);
  }
  if (only !== undefined) {
    query =
      only.size === 0
        ? query.where(sql<boolean>`1 = 0`)
        : query.where("r.deleted_name", "in", [...only]);
  }
  if (administratedBy !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb.exists(
          eb
            .selectFrom("repository_permissions as p")
            .select("p.role")
            .whereRef("p.repository_id", "=", "r.id")
            .where("p.account_id", "=", administratedBy)
            .where("p.role", "=", "admin"),
        ),
        eb.exists(
          eb
            .selectFrom("repository_team_permissions as p")
            .innerJoin("team_members as m", "m.team_id", "p.team_id")
            .select("p.role")
            .whereRef("p.repository_id", "=", "r.id")
            .where("m.account_id", "=", administratedBy)
            .where("p.role", "=", "admin"),
        ),
      ]),
    );
  }
  const rows = await query.execute();
  return rows.map((row) => ({ ...toDeleted(row), pendingBytes: row.pendingBytes }));
}

/**
 * Brings a deleted repository back under a name.
 *
 * @returns false when it was collected, purged or restored meanwhile, or its time is over
 * @throws a unique violation (`isUniqueViolation`) when the name is taken
 */
export async function showRepository(
  trx: Transaction<Tables>,
  id: number,
  name: string,
  since: number,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("repositories")
    .set({ name, deleted_at: null, deleted_by: null, deleted_name: null })
    .where("id", "=", id)
    .where("deleted_at", ">=", since)
    .where("deleted_name", "is not", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A deleted repository that is to be taken apart. */
export interface DueRepository {
  readonly id: number;
  readonly namespaceId: number;
  /** What it was called, or the name it has as a deleted one. */
  readonly repository: string;
  readonly deletedAt: number;
  /** How long it can be restored, in milliseconds. */
  readonly window: number;
  /** 1: somebody has begun to take it apart, so it cannot be restored whatever its age. */
  readonly isGivenUp: number;
}

/**
 * A page of deleted repositories, the first deleted first. Index: repositories_to_collect.
 *
 * @param window of namespaces that have none of their own
 */
export async function findDue(
  db: Reader,
  window: number,
  last: DueRepository | undefined,
  limit: number,
): Promise<DueRepository[]> {
  const { rows } = await sql<DueRepository>`
    select r.id, r.namespace_id as "namespaceId",
      coalesce(r.deleted_name, r.name) as repository, r.deleted_at as "deletedAt",
      coalesce(a.tag_expiration, ${window}) as "window",
      case when r.deleted_name is null then 1 else 0 end as "isGivenUp"
    from (
      select id, namespace_id, name, deleted_name, deleted_at from repositories
      where deleted_at is not null
        and (deleted_at, id) > (${last?.deletedAt ?? -1}, ${last?.id ?? 0})
      order by deleted_at, id limit ${sql.lit(limit)}
    ) r
    join accounts a on a.id = r.namespace_id
    order by r.deleted_at, r.id`.execute(db);
  return rows;
}

/**
 * Decides against a deleted repository: from then on it cannot be restored, and may be taken apart bit by bit.
 *
 * @param before it must have been deleted before
 * @returns false when it was restored, or is gone
 */
export async function giveUpRepository(
  trx: Transaction<Tables>,
  id: number,
  before: number,
): Promise<boolean> {
  // The guard is on the row itself: PostgreSQL looks at it anew after it has waited for a restoration.
  const { numUpdatedRows } = await trx
    .updateTable("repositories")
    .set({ deleted_name: null })
    .where("id", "=", id)
    .where("deleted_at", "<", before)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Deletes some rows of a repository that was given up. Tags go before manifests, which they keep from being deleted;
 * what refers to a manifest goes with it.
 *
 * Indexes: tags_by_repository_id_and_started_at_and_id, primary keys of `manifests` and `repository_blobs`.
 *
 * @returns how many; 0: nothing is left but the row of the repository
 */
export async function removeSome(
  trx: Transaction<Tables>,
  repositoryId: number,
  limit: number,
): Promise<number> {
  for (const [table, key] of [
    ["tags", "id"],
    ["manifests", "digest"],
    ["repository_blobs", "digest"],
  ] as const) {
    const { rows } = await sql<{ one: number }>`
      delete from ${sql.table(table)}
      where repository_id = ${repositoryId} and ${sql.ref(key)} in (
        select ${sql.ref(key)} from ${sql.table(table)}
        where repository_id = ${repositoryId} limit ${sql.lit(limit)})
      returning 1 as one`.execute(trx);
    if (rows.length > 0) return rows.length;
  }
  return 0;
}

/** Deletes the row of a repository that was given up; what is left goes with it, but nothing that has tags. */
export async function removeRow(trx: Transaction<Tables>, id: number): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("repositories")
    .where("id", "=", id)
    .where("deleted_at", "is not", null)
    .where("deleted_name", "is", null)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** @returns false for one that is not deleted, or not to be taken apart */
export async function isGivenUp(db: Reader, id: number): Promise<boolean> {
  const row = await db
    .selectFrom("repositories")
    .select("id")
    .where("id", "=", id)
    .where("deleted_at", "is not", null)
    .where("deleted_name", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

function toDeleted(
  row: Pick<
    Row,
    | (typeof REPOSITORY_COLUMNS)[number]
    | "description"
    | "deleted_at"
    | "deleted_by"
    | "deleted_name"
  >,
): DeletedRepository {
  return {
    ...toRepository({ ...row, name: row.deleted_name ?? row.name }),
    description: row.description,
    deletedAt: row.deleted_at ?? 0,
    deletedBy: row.deleted_by,
  };
}
