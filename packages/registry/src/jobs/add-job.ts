import type { Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import { wakeAfterCommit } from "../database/wake-ups.ts";
import { insertJobs } from "./store.ts";

/** The channel that wakes the runners. */
export const JOBS_CHANNEL = "jobs";

export interface NewJob {
  /** Of the handler that runs it. */
  readonly kind: string;
  /** What it is about. While a job of the same kind and key waits, none is added; none runs while another one does. */
  readonly key: string;
  /** JSON; the handler checks it. */
  readonly payload: unknown;
  /** Milliseconds since 1970; at once where it is missing. A job that waits for a later time is brought forward. */
  readonly runAt?: number;
}

/** Adds a job that runs after `trx` has committed, at least once. */
export async function addJob(trx: Transaction<Tables>, job: NewJob): Promise<void> {
  await addJobs(trx, [job]);
}

/** Like {@link addJob}, with one statement. Of those with the same kind and key the first counts, at the earliest time. */
export async function addJobs(trx: Transaction<Tables>, jobs: readonly NewJob[]): Promise<void> {
  const now = Date.now();
  const rows = new Map<string, { job: NewJob; runAt: number }>();
  for (const job of jobs) {
    const place = JSON.stringify([job.kind, job.key]);
    const runAt = job.runAt ?? now;
    const known = rows.get(place);
    if (known === undefined) rows.set(place, { job, runAt });
    else known.runAt = Math.min(known.runAt, runAt);
  }
  // In the same order everywhere: two that add the same jobs wait for each other in turn, never crosswise.
  const ordered = [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1));
  await insertJobs(
    trx,
    ordered.map(([, { job, runAt }]) => ({
      kind: job.kind,
      key: job.key,
      payload: JSON.stringify(job.payload),
      run_at: runAt,
      attempts: 0,
      last_error: null,
    })),
  );
  wakeAfterCommit(trx, JOBS_CHANNEL);
}
