import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import type { EventWriter } from "../events/event-writer.ts";
import { jobHandler } from "../jobs/job-handler.ts";
import type { JobHandler } from "../jobs/job-handler.ts";
import { addDayCounts, insertEntries } from "./audit-store.ts";
import { auditedDeed } from "./audited-deed.ts";
import type { AuditedDeed } from "./audited-deed.ts";
import { dayCounts } from "./day-counts.ts";
import { AUDITED_EVENTS, entriesOfEvent } from "./entries-of-event.ts";
import { entryRow } from "./entry-row.ts";

type AuditConfig = Pick<Config["audit"], "addresses">;

/** Adds entries to the log, and to its totals. */
export async function writeDeeds(
  trx: Transaction<Tables>,
  config: AuditConfig,
  deeds: readonly AuditedDeed[],
): Promise<void> {
  await insertEntries(
    trx,
    deeds.map((deed) => entryRow(deed, config.addresses)),
  );
  await addDayCounts(trx, dayCounts(deeds));
}

/** Turns events into entries of the audit log. */
export function auditWriter(config: AuditConfig): EventWriter {
  return {
    events: AUDITED_EVENTS,
    rowsOf: (kind, payload) => entriesOfEvent(kind, payload).map((deed) => auditedDeed.parse(deed)),
    write: (trx, rows) => writeDeeds(trx, config, rows as readonly AuditedDeed[]), // made by rowsOf
    later: (rows) => ({ kind: "audit.write", key: randomUUID(), payload: { deeds: rows } }),
  };
}

/** Writes what could not be written when it was told of. */
export function auditWriteJob(database: Database, config: AuditConfig): JobHandler {
  return jobHandler({
    kind: "audit.write",
    payload: z.object({ deeds: z.array(auditedDeed) }),
    // The last pauses are an hour long: about three days.
    maxAttempts: 80,
    run: ({ deeds }) => database.transaction((trx) => writeDeeds(trx, config, deeds)),
  });
}
