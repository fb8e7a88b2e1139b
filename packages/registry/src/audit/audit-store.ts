// Long because it is one thing: the statements that write and read the audit log.
import { sql } from "kysely";
import type { Kysely, RawBuilder, Selectable, Transaction } from "kysely";
import { preparedByCount, preparedQuery } from "../database/prepared-query.ts";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import type { DayCount } from "./day-counts.ts";
import type { NewEntry } from "./entry-row.ts";

export type EntryRow = Selectable<Tables["audit_log"]>;

/** Rows that one statement takes; larger lists go in several. */
const AT_ONCE = 50;

export async function insertEntries(
  trx: Transaction<Tables>,
  rows: readonly NewEntry[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const some = rows.slice(from, from + AT_ONCE);
    await insertQuery(some.length).run(trx, flat(some));
  }
}

const insertQuery = preparedByCount((count) =>
  preparedQuery<Record<string, unknown>, unknown>((db, parameter) =>
    db.insertInto("audit_log").values(
      Array.from({ length: count }, (_, at) => {
        const of = <T>(column: keyof NewEntry): T => parameter(`${at} ${column}`) as T; // filled in by flat
        return {
          at: of("at"),
          kind: of("kind"),
          namespace_id: of("namespace_id"),
          namespace: of("namespace"),
          repository_id: of("repository_id"),
          repository: of("repository"),
          performer_id: of("performer_id"),
          performer: of("performer"),
          performer_kind: of("performer_kind"),
          via: of("via"),
          address: of("address"),
          user_agent: of("user_agent"),
          metadata: of("metadata"),
        };
      }),
    ),
  ),
);

/** Adds to the totals. Rows in the order of their keys, each once. */
export async function addDayCounts(
  trx: Transaction<Tables>,
  rows: readonly DayCount[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const some = rows.slice(from, from + AT_ONCE);
    await countQuery(some.length).run(trx, flat(some));
  }
}

const countQuery = preparedByCount((count) =>
  preparedQuery<Record<string, unknown>, unknown>((db, parameter) =>
    db
      .insertInto("audit_days")
      .values(
        Array.from({ length: count }, (_, at) => {
          const of = <T>(column: keyof DayCount): T => parameter(`${at} ${column}`) as T; // filled in by flat
          return {
            day: of("day"),
            namespace_id: of("namespace_id"),
            repository_id: of("repository_id"),
            performer: of("performer"),
            kind: of("kind"),
            entries: of("entries"),
          };
        }),
      )
      .onConflict((conflict) =>
        conflict
          .columns(["day", "namespace_id", "repository_id", "performer", "kind"])
          .doUpdateSet({ entries: sql`audit_days.entries + excluded.entries` }),
      ),
  ),
);

function flat(rows: readonly object[]): Record<string, unknown> {
  return Object.fromEntries(
    rows.flatMap((row, at) =>
      Object.entries(row).map(([column, value]) => [`${at} ${column}`, value]),
    ),
  );
}

/** Whose entries; undefined: all that there are. */
export type EntryScope =
  | { readonly namespaceId: number }
  | { readonly repositoryId: number }
  | undefined;

export interface EntryQuery {
  readonly scope: EntryScope;
  /** From this time on, in milliseconds since 1970. */
  readonly from: number;
  /** Before this time. */
  readonly to: number;
  readonly performer: string | undefined;
  /** Undefined: all. */
  readonly kinds: readonly string[] | undefined;
  readonly order: "newest" | "oldest";
  /** The last entry of the page before. */
  readonly after: { readonly at: number; readonly id: number } | undefined;
  readonly limit: number;
}

/** Reads, and the dialect: SQLite has to be told which index to take, because it keeps no statistics of its own accord. */
type Reader = Pick<Database, "read" | "dialect">;

/**
 * Entries by time. Index: the one of `audit_log` that begins with what is filtered by ({@link indexFor}); the walks of
 * several kinds are merged as they go, so a page reads about as many rows as it has.
 */
export async function findEntries(database: Reader, query: EntryQuery): Promise<EntryRow[]> {
  const kinds = query.kinds ?? (await kindsToMerge(database, query));
  if (kinds?.length === 0) return [];
  const walks = (kinds ?? [undefined]).map((kind) => walk(database, query, kind));
  const direction = query.order === "newest" ? sql`desc` : sql`asc`;
  const { rows } = await sql<EntryRow>`${sql.join(walks, sql` union all `)}
    order by at ${direction}, id ${direction} limit ${query.limit}`.execute(database.read);
  return rows;
}

/** @returns undefined when there is an index of all kinds */
async function kindsToMerge(
  database: Reader,
  { scope, performer }: EntryQuery,
): Promise<string[] | undefined> {
  return scope === undefined && performer === undefined
    ? undefined
    : await findKinds(database, { scope, performer });
}

function walk(database: Reader, query: EntryQuery, kind: string | undefined): RawBuilder<EntryRow> {
  const { from, to, order, after } = query;
  const index = indexFor(query, kind !== undefined);
  const conditions = [
    ...prefixOf(query),
    ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
    sql`at >= ${from}`,
    sql`at < ${to}`,
    ...(after === undefined
      ? []
      : [sql`(at, id) ${order === "newest" ? sql`<` : sql`>`} (${after.at}, ${after.id})`]),
  ];
  return sql<EntryRow>`select * from ${auditLog(database, index)} where ${sql.join(conditions, sql` and `)}`;
}

/** What stands before `kind`, `at` and `id` in an index (migration 004). */
function indexFor(
  { scope, performer }: Pick<EntryQuery, "scope" | "performer">,
  isOfKind: boolean,
): string {
  const parts = [
    ...(scope === undefined ? [] : ["namespaceId" in scope ? "namespace" : "repository"]),
    ...(performer === undefined ? [] : ["performer"]),
  ];
  if (parts.length > 0) return `audit_log_by_${parts.join("_")}`;
  return isOfKind ? "audit_log_by_kind" : "audit_log_by_time";
}

function auditLog({ dialect }: Reader, index: string): RawBuilder<unknown> {
  return dialect === "sqlite" ? sql`audit_log indexed by ${sql.id(index)}` : sql`audit_log`;
}

/** The columns that an index of `audit_log` has before `kind`. */
function prefixOf({
  scope,
  performer,
}: Pick<EntryQuery, "scope" | "performer">): RawBuilder<unknown>[] {
  return [
    ...(scope === undefined
      ? []
      : "namespaceId" in scope
        ? [sql`namespace_id = ${scope.namespaceId}`]
        : [sql`repository_id = ${scope.repositoryId}`]),
    ...(performer === undefined ? [] : [sql`performer = ${performer}`]),
  ];
}

/** Which kinds there are, by one look into the index for each: from each kind to the next greater one. */
export async function findKinds(
  database: Reader,
  about: Pick<EntryQuery, "scope" | "performer">,
): Promise<string[]> {
  const table = auditLog(database, indexFor(about, true));
  const next = (conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> =>
    sql`(select kind from ${table} where ${sql.join(conditions, sql` and `)} order by kind limit 1)`;
  const prefix = prefixOf(about);
  const { rows } = await sql<{ kind: string }>`
    with recursive kinds(kind) as (
      select ${next(prefix)}
      union all
      select ${next([...prefix, sql`audit_log.kind > kinds.kind`])} from kinds where kinds.kind is not null
    )
    select kind from kinds where kind is not null`.execute(database.read);
  return rows.map(({ kind }) => kind);
}

export interface DayQuery {
  readonly namespaceId: number;
  readonly repositoryId: number;
  readonly performer: string;
  readonly kinds: readonly string[] | undefined;
  readonly days: readonly number[];
}

/** Totals of a list, by day and kind. */
export async function findDayCounts(
  db: Kysely<Tables>,
  { namespaceId, repositoryId, performer, kinds, days }: DayQuery,
): Promise<Pick<DayCount, "day" | "kind" | "entries">[]> {
  if (days.length === 0) return [];
  return await db
    .selectFrom("audit_days")
    .select(["day", "kind", "entries"])
    .where("day", "in", days)
    .where("namespace_id", "=", namespaceId)
    .where("repository_id", "=", repositoryId)
    .where("performer", "=", performer)
    .$if(kinds !== undefined, (query) => query.where("kind", "in", kinds ?? []))
    .orderBy("day")
    .orderBy("kind")
    .execute();
}
