// Long because it is one thing: the statements that write and read the audit log.
import { sql } from "kysely";
import type { Kysely, RawBuilder, Selectable, Transaction } from "kysely";
import { preparedByCount, preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
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
  preparedQuery((db, parameter: Parameter<Numbered<NewEntry>>) =>
    db.insertInto("audit_log").values(
      Array.from({ length: count }, (_, row) => ({
        at: parameter(`${row} at`),
        kind: parameter(`${row} kind`),
        namespace_id: parameter(`${row} namespace_id`),
        namespace: parameter(`${row} namespace`),
        repository_id: parameter(`${row} repository_id`),
        repository: parameter(`${row} repository`),
        performer_id: parameter(`${row} performer_id`),
        performer: parameter(`${row} performer`),
        performer_kind: parameter(`${row} performer_kind`),
        via: parameter(`${row} via`),
        address: parameter(`${row} address`),
        user_agent: parameter(`${row} user_agent`),
        metadata: parameter(`${row} metadata`),
      })),
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
  preparedQuery((db, parameter: Parameter<Numbered<DayCount>>) =>
    db
      .insertInto("audit_days")
      .values(
        Array.from({ length: count }, (_, row) => ({
          day: parameter(`${row} day`),
          namespace_id: parameter(`${row} namespace_id`),
          repository_id: parameter(`${row} repository_id`),
          performer: parameter(`${row} performer`),
          kind: parameter(`${row} kind`),
          entries: parameter(`${row} entries`),
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(["day", "namespace_id", "repository_id", "performer", "kind"])
          .doUpdateSet({ entries: sql`audit_days.entries + excluded.entries` }),
      ),
  ),
);

/** The columns of several rows by names of their own. */
type Numbered<Row> = {
  readonly [Column in keyof Row & string as `${number} ${Column}`]: Row[Column];
};

function flat<Row extends object>(rows: readonly Row[]): Numbered<Row> {
  const cells = rows.flatMap((row, number) =>
    Object.entries(row).map(([column, value]) => [`${number} ${column}`, value]),
  );
  return Object.fromEntries(cells) as Numbered<Row>; // so named
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

/**
 * Entries by time. Each kind is one walk along the index that begins with what is filtered by (migration 004); a page
 * takes what it needs of each, so it costs the same however rare its entries are.
 */
export async function findEntries(db: Kysely<Tables>, query: EntryQuery): Promise<EntryRow[]> {
  const isByTime = query.scope === undefined && query.performer === undefined;
  const kinds = query.kinds ?? (isByTime ? [undefined] : await findKinds(db, query));
  if (kinds.length === 0) return [];
  const direction = directionOf(query);
  const { rows } = await sql<EntryRow>`${sql.join(
    kinds.map((kind) => walk(query, kind)),
    sql` union all `,
  )} order by at ${direction}, id ${direction} limit ${query.limit}`.execute(db);
  return rows;
}

/**
 * The columns of the index are compared and ordered all together, though the first are the same in all rows: so there is
 * only one index that can be taken, whatever a planner thinks of how rows are spread.
 */
function walk(query: EntryQuery, kind: string | undefined): RawBuilder<EntryRow> {
  const { from, to, order, after, limit } = query;
  const prefix = [...prefixOf(query), ...(kind === undefined ? [] : [["kind", kind] as const])];
  const columns = [...prefix.map(([column]) => column), "at", "id"].map((name) => sql.ref(name));
  const place = (at: number, id: number): RawBuilder<unknown> =>
    sql`(${sql.join([...prefix.map(([, value]) => value), at, id])})`;
  const isNewest = order === "newest";
  // Numbers of entries begin with 1.
  const first = after !== undefined && !isNewest ? place(after.at, after.id) : place(from, 0);
  const last = after !== undefined && isNewest ? place(after.at, after.id) : place(to, 0);
  const direction = directionOf(query);
  return sql<EntryRow>`select * from (
    select * from audit_log
    where (${sql.join(columns)}) > ${first} and (${sql.join(columns)}) < ${last}
      and at >= ${from} and at < ${to}
    order by ${sql.join(columns.map((column) => sql`${column} ${direction}`))}
    limit ${limit}
  ) as walk`;
}

function directionOf({ order }: Pick<EntryQuery, "order">): RawBuilder<unknown> {
  return order === "newest" ? sql`desc` : sql`asc`;
}

type Prefix = readonly (readonly [column: string, value: string | number])[];

/** The columns that an index of `audit_log` has before `kind` (migration 004), and what they are in a list. */
function prefixOf({ scope, performer }: Pick<EntryQuery, "scope" | "performer">): Prefix {
  const place: Prefix =
    scope === undefined
      ? []
      : "namespaceId" in scope
        ? [["namespace_id", scope.namespaceId]]
        : [["repository_id", scope.repositoryId]];
  return performer === undefined ? place : [...place, ["performer", performer]];
}

/** Greater than every time and number. */
const LAST = Number.MAX_SAFE_INTEGER;

/**
 * Which kinds a list has, by one look into its index for each: from behind the last entry of a kind to the first of the
 * next.
 */
export async function findKinds(
  db: Kysely<Tables>,
  about: Pick<EntryQuery, "scope" | "performer">,
): Promise<string[]> {
  const prefix = prefixOf(about);
  const columns = [...prefix.map(([column]) => column), "kind", "at", "id"].map((name) =>
    sql.ref(`audit_log.${name}`),
  );
  const values = prefix.map(([, value]) => sql`${value}`);
  const isOfList = prefix.map(([column, value]) => sql`${sql.ref(column)} = ${value}`);
  // Where the list has no more, the next one is of another list.
  const next = (kind: RawBuilder<unknown>): RawBuilder<unknown> => sql`(
    select case when ${sql.join([sql`true`, ...isOfList], sql` and `)} then kind end
    from audit_log
    where (${sql.join(columns)}) > (${sql.join([...values, kind, LAST, LAST])})
    order by ${sql.join(columns)} limit 1
  )`;
  const { rows } = await sql<{ kind: string }>`
    with recursive kinds(kind) as (
      select ${next(sql`''`)}
      union all
      select ${next(sql`kinds.kind`)} from kinds where kinds.kind is not null
    )
    select kind from kinds where kind is not null`.execute(db);
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
