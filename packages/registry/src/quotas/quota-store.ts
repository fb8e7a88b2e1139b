import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** From how many percent of a quota on something happens. */
export interface QuotaLimit {
  readonly id: number;
  readonly type: "Warning" | "Reject";
  readonly percent: number;
}

/** How much a namespace may use. */
export interface Quota {
  readonly id: number;
  readonly limitBytes: number;
  /** By id. */
  readonly limits: readonly QuotaLimit[];
}

/** The one quota of a namespace. Indexes: the unique namespace_id, quota_limits_by_quota_id. */
export async function findQuota(db: Reader, namespaceId: number): Promise<Quota | undefined> {
  const rows = await db
    .selectFrom("quotas as q")
    .leftJoin("quota_limits as l", "l.quota_id", "q.id")
    .select(["q.id", "q.limit_bytes", "l.id as limitId", "l.type", "l.percent"])
    .where("q.namespace_id", "=", namespaceId)
    .orderBy("l.id")
    .execute();
  const [first] = rows;
  if (first === undefined) return undefined;
  const limits = rows.flatMap(({ limitId: id, type, percent }) =>
    id === null || type === null || percent === null ? [] : [{ id, type, percent }],
  );
  return { id: first.id, limitBytes: first.limit_bytes, limits };
}

/** How many bytes some namespaces may use that have a quota. Index: the unique namespace_id. */
export async function findQuotaBytes(
  db: Reader,
  namespaceIds: readonly number[],
): Promise<Map<number, number>> {
  if (namespaceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("quotas")
    .select(["namespace_id", "limit_bytes"])
    .where("namespace_id", "in", namespaceIds)
    .execute();
  return new Map(rows.map((row) => [row.namespace_id, row.limit_bytes]));
}

/** @returns false when the namespace has one */
export async function insertQuota(
  trx: Writer,
  namespaceId: number,
  limitBytes: number,
  now: number,
): Promise<boolean> {
  const row = await trx
    .insertInto("quotas")
    .values({ namespace_id: namespaceId, limit_bytes: limitBytes, created_at: now })
    .onConflict((conflict) => conflict.column("namespace_id").doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

export async function updateQuota(trx: Writer, id: number, limitBytes: number): Promise<void> {
  await trx.updateTable("quotas").set({ limit_bytes: limitBytes }).where("id", "=", id).execute();
}

/** Its limits go with it. */
export async function deleteQuota(trx: Writer, id: number): Promise<void> {
  await trx.deleteFrom("quotas").where("id", "=", id).execute();
}

/** Takes the quota of a namespace against changes of its limits; on SQLite the transaction is alone anyway. */
export async function lockQuota(
  trx: Writer,
  dialect: "sqlite" | "postgres",
  namespaceId: number,
): Promise<Quota | undefined> {
  await trx
    .selectFrom("quotas")
    .select("id")
    .where("namespace_id", "=", namespaceId)
    .$if(dialect === "postgres", (query) => query.forUpdate())
    .execute();
  return findQuota(trx, namespaceId);
}

export async function insertLimit(
  trx: Writer,
  quotaId: number,
  { type, percent }: Pick<QuotaLimit, "type" | "percent">,
): Promise<void> {
  await trx.insertInto("quota_limits").values({ quota_id: quotaId, type, percent }).execute();
}

export async function updateLimit(trx: Writer, { id, type, percent }: QuotaLimit): Promise<void> {
  await trx.updateTable("quota_limits").set({ type, percent }).where("id", "=", id).execute();
}

export async function deleteLimit(trx: Writer, id: number): Promise<void> {
  await trx.deleteFrom("quota_limits").where("id", "=", id).execute();
}
