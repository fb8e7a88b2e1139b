import { sql } from "kysely";
import type { Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import type { NewJob } from "../jobs/add-job.ts";

/** Writes rows of its own about events, in the transaction that takes the events away: each exactly once. */
export interface EventWriter {
  /** Kinds of events that it wants. */
  readonly events: ReadonlySet<string>;
  /** @throws for an event that cannot be told of; that one is left out */
  readonly rowsOf: (kind: string, payload: unknown) => readonly unknown[];
  /** Writes what `rowsOf` has made of a batch of events. */
  readonly write: (trx: Transaction<Tables>, rows: readonly unknown[]) => Promise<void>;
  /** The job that writes them where `write` could not, again and again. */
  readonly later: (rows: readonly unknown[]) => NewJob;
}

/**
 * Writes rows, or leaves that to a job: tables that are locked or broken must not keep other events waiting.
 *
 * @param onError is told why they could not be written
 * @returns the job, if it needs one
 */
export async function writeRows(
  trx: Transaction<Tables>,
  dialect: Database["dialect"],
  writer: EventWriter,
  rows: readonly unknown[],
  onError: (error: unknown) => void,
): Promise<NewJob | undefined> {
  if (rows.length === 0) return undefined;
  await sql`savepoint writer`.execute(trx);
  try {
    if (dialect === "postgres") await sql`set local lock_timeout = '1s'`.execute(trx);
    await writer.write(trx, rows);
    if (dialect === "postgres") await sql`set local lock_timeout to default`.execute(trx);
  } catch (error) {
    // Fails as well when the transaction is lost as a whole; then it is that error which counts.
    await sql`rollback to savepoint writer`.execute(trx);
    await sql`release savepoint writer`.execute(trx);
    onError(error);
    return writer.later(rows);
  }
  await sql`release savepoint writer`.execute(trx);
  return undefined;
}
