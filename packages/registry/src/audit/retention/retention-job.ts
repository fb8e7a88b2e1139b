import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { z } from "zod";
import type { Config } from "../../config/config.ts";
import type { RegistryContext } from "../../context.ts";
import { jobHandler } from "../../jobs/job-handler.ts";
import type { JobHandler } from "../../jobs/job-handler.ts";
import { archiveKey } from "../../storage/object-keys.ts";
import { findEntries } from "../audit-store.ts";
import type { EntryRow } from "../audit-store.ts";
import { dayOf } from "../day-counts.ts";
import { DAYS_KEPT } from "../read-log.ts";
import { archiveLine } from "./archive-line.ts";
import { deleteDayCounts, deleteEntries } from "./retention-store.ts";

const INTERVAL = 3_600_000;

/** Entries of one object, and of the transaction that deletes them: on SQLite requests wait meanwhile, for some 20 ms. */
const OBJECT = 1_000;

/** Rows of totals that one transaction deletes. */
const BATCH = 500;

const compress = promisify(gzip);

type Parts = Pick<RegistryContext, "database" | "store" | "now"> & {
  readonly config: Pick<Config, "audit">;
};

/** Takes old entries out of the log, into the archive if there is one. */
export function retentionJob(context: Parts): JobHandler {
  return jobHandler({
    kind: "audit.retention",
    payload: z.object({}),
    every: { milliseconds: INTERVAL, payload: {} },
    run: (_payload, { signal }) => retire(context, signal),
  });
}

/**
 * Object by object: entries are written first, and deleted all at once when that is durable. A process that dies in
 * between leaves both; the next one begins with the same entry, so it writes the same object, or one with more of those
 * that follow, under the same key: no entry is lost, and none is archived twice.
 */
export async function retire(context: Parts, signal: AbortSignal): Promise<void> {
  const { database, store, config, now } = context;
  const time = now();
  for (;;) {
    signal.throwIfAborted();
    const rows = await findEntries(database.read, {
      scope: undefined,
      performer: undefined,
      kinds: undefined,
      after: undefined,
      from: 0,
      to: time - config.audit.retention,
      order: "oldest", // index audit_log_by_time
      limit: OBJECT,
    });
    const [first] = rows;
    if (first === undefined) break;
    if (config.audit.archive) await store.put(archiveKey(first), await archiveOf(rows));
    const ids = rows.map(({ id }) => id);
    await database.transaction((trx) => deleteEntries(trx, ids));
  }
  const beforeDay = dayOf(time) - DAYS_KEPT;
  let deleted = BATCH;
  while (deleted === BATCH) {
    signal.throwIfAborted();
    deleted = await database.transaction((trx) => deleteDayCounts(trx, beforeDay, BATCH));
  }
}

async function archiveOf(rows: readonly EntryRow[]): Promise<Uint8Array> {
  return await compress(rows.map(archiveLine).join(""));
}
