import type { Kysely, Transaction } from "kysely";

import type { Tables } from "../database/tables.ts";
import type { CollectionReport } from "./collection-report.ts";

export async function insertReport(
  trx: Transaction<Tables>,
  report: CollectionReport,
): Promise<void> {
  await trx
    .insertInto("collections")
    .values({
      started_at: report.startedAt,
      finished_at: report.finishedAt,
      report: JSON.stringify(report),
    })
    .execute();
}

/** The latest reports, newest first. */
export async function findReports(db: Kysely<Tables>, limit: number): Promise<CollectionReport[]> {
  const rows = await db
    .selectFrom("collections")
    .select("report")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ report }) => JSON.parse(report) as CollectionReport); // written by insertReport
}
