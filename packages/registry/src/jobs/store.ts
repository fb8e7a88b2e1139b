import { sql } from "kysely";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";

export type JobRow = Selectable<Tables["jobs"]>;
export type NewJobRow = Pick<
  JobRow,
  "kind" | "key" | "payload" | "run_at" | "attempts" | "last_error"
>;
/** A job as one runner claimed it; once another has claimed it again, the first can change nothing any more. */
export type Claim = Pick<JobRow, "id" | "owner" | "attempts">;

/**
 * Adds jobs that differ in kind or key. Where one waits already it stays, and runs at the earlier of both times. It is
 * updated even if nothing changes: the lock keeps it from being run before `trx` has committed what it is about.
 */
export async function insertJobs(
  trx: Transaction<Tables>,
  rows: readonly NewJobRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const now = Date.now();
  await trx
    .insertInto("jobs")
    .values(rows.map((row) => ({ ...row, state: "ready" as const, created_at: now })))
    .onConflict((conflict) =>
      // The index jobs_ready; its condition must be literal to be recognized.
      conflict
        .columns(["kind", "key"])
        .where("state", "=", sql.lit("ready"))
        .doUpdateSet({
          run_at: sql`case when excluded.run_at < jobs.run_at then excluded.run_at else jobs.run_at end`,
        }),
    )
    .execute();
}

interface ClaimOptions {
  readonly dialect: Database["dialect"];
  readonly kinds: readonly string[];
  readonly limit: number;
  /** Numbers of jobs that the runner still runs, though it was too slow to renew their leases. */
  readonly except: readonly number[];
  readonly owner: string;
  readonly now: number;
  readonly leaseUntil: number;
}

/**
 * Takes jobs that are due: those that wait, and those whose lease ran out (`run_at` of a running job is the end of its
 * lease). Never one of the same kind and key as one that runs.
 */
export async function claimJobs(
  trx: Transaction<Tables>,
  options: ClaimOptions,
): Promise<JobRow[]> {
  const { dialect, kinds, limit, except, owner, now, leaseUntil } = options;
  if (kinds.length === 0) return [];
  const due: { readonly id: number }[] = [];
  // One state after the other, so that the index hands them out in order, however many wait.
  for (const state of ["running", "ready"] as const) {
    const found = await trx
      .selectFrom("jobs") // index jobs_by_state_and_run_at
      .select("id")
      .where("state", "=", state)
      .where("run_at", "<=", now)
      .where("kind", "in", kinds)
      .$if(except.length > 0, (query) => query.where("id", "not in", except))
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("jobs as other") // index jobs_by_state_and_run_at
              .select("other.id")
              .where("other.state", "=", "running")
              .whereRef("other.kind", "=", "jobs.kind")
              .whereRef("other.key", "=", "jobs.key")
              .whereRef("other.id", "<>", "jobs.id"),
          ),
        ),
      )
      .orderBy("run_at")
      .limit(limit - due.length)
      .$if(dialect === "postgres", (query) => query.forUpdate().skipLocked())
      .execute();
    due.push(...found);
  }
  if (due.length === 0) return [];
  return trx
    .updateTable("jobs")
    .set((eb) => ({
      state: "running",
      owner,
      lease_until: leaseUntil,
      run_at: leaseUntil,
      attempts: eb("attempts", "+", 1),
    }))
    .where("id", "in", idsOf(due))
    .returningAll()
    .execute();
}

/** When the next job is due, or the next lease ends; undefined when there is none. */
export async function nextRunAt(
  db: Kysely<Tables>,
  kinds: readonly string[],
): Promise<number | undefined> {
  if (kinds.length === 0) return undefined;
  const times: number[] = [];
  for (const state of ["running", "ready"] as const) {
    const row = await db
      .selectFrom("jobs") // index jobs_by_state_and_run_at
      .select("run_at")
      .where("state", "=", state)
      .where("kind", "in", kinds)
      .orderBy("run_at")
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) times.push(row.run_at);
  }
  return times.length === 0 ? undefined : Math.min(...times);
}

/** @returns the numbers of those that are still the owner's */
export async function renewLeases(
  trx: Transaction<Tables>,
  claims: readonly Claim[],
  leaseUntil: number,
): Promise<Set<number>> {
  const renewed = new Set<number>();
  for (const claim of claims) {
    const { numUpdatedRows } = await trx
      .updateTable("jobs")
      .set({ lease_until: leaseUntil, run_at: leaseUntil })
      .where(ownedBy(claim))
      .executeTakeFirst();
    if (numUpdatedRows > 0n) renewed.add(claim.id);
  }
  return renewed;
}

/** @returns false when it belongs to somebody else by now */
export async function deleteJob(trx: Transaction<Tables>, claim: Claim): Promise<boolean> {
  const { numDeletedRows } = await trx.deleteFrom("jobs").where(ownedBy(claim)).executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function buryJob(
  trx: Transaction<Tables>,
  claim: Claim,
  lastError: string,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("jobs")
    .set({ state: "dead", owner: null, lease_until: null, last_error: lastError })
    .where(ownedBy(claim))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Whether one of this kind and key waits. */
export async function isReady(
  db: Kysely<Tables>,
  job: Pick<JobRow, "kind" | "key">,
): Promise<boolean> {
  const row = await db
    .selectFrom("jobs") // index jobs_ready
    .select("id")
    .where("kind", "=", job.kind)
    .where("key", "=", job.key)
    .where("state", "=", sql.lit("ready"))
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether one of this kind and key runs. Index: `jobs` by (state, run_at), of which few run. */
export async function isRunning(
  db: Kysely<Tables>,
  job: Pick<JobRow, "kind" | "key">,
): Promise<boolean> {
  const row = await db
    .selectFrom("jobs")
    .select("id")
    .where("state", "=", "running")
    .where("kind", "=", job.kind)
    .where("key", "=", job.key)
    .executeTakeFirst();
  return row !== undefined;
}

/** Attempts count the claims, so that a runner is not taken for its own earlier self. */
function ownedBy({ id, owner, attempts }: Claim) {
  return sql<boolean>`id = ${id} and state = 'running' and owner = ${owner} and attempts = ${attempts}`;
}

function idsOf(rows: readonly { readonly id: number }[]): number[] {
  return rows.map(({ id }) => id);
}

/** Jobs that are due and wait for their turn. Index: `jobs` by (state, run_at). */
export async function countWaiting(db: Kysely<Tables>, now: number): Promise<number> {
  const row = await db
    .selectFrom("jobs")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("state", "=", "ready")
    .where("run_at", "<=", now)
    .executeTakeFirstOrThrow();
  return row.count;
}
