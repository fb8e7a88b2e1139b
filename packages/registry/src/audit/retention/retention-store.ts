import { sql } from "kysely";
import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Deletes entries by their numbers. */
export async function deleteEntries(
  trx: Transaction<Tables>,
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  await trx.deleteFrom("audit_log").where("id", "in", ids).execute();
}

/** Deletes some of the oldest totals. @returns how many rows */
export async function deleteDayCounts(
  trx: Transaction<Tables>,
  beforeDay: number,
  limit: number,
): Promise<number> {
  // The primary key, from its beginning.
  const { numAffectedRows } = await sql`
    delete from audit_days
    where (day, namespace_id, repository_id, performer, kind) in (
      select day, namespace_id, repository_id, performer, kind from audit_days
      where day < ${beforeDay}
      order by day, namespace_id, repository_id, performer, kind
      limit ${limit}
    )`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}
