// Long because it is one thing: the life of a claimed job.
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { WakeSignal } from "../database/wake-signal.ts";
import { wakeAfterCommit } from "../database/wake-ups.ts";
import { addJob, JOBS_CHANNEL } from "./add-job.ts";
import { PermanentJobError, RECURRING_KEY } from "./job-handler.ts";
import type { JobHandler } from "./job-handler.ts";
import {
  buryJob,
  claimJobs,
  countWaiting,
  deleteJob,
  insertJobs,
  isReady,
  nextRunAt,
  renewLeases,
} from "./store.ts";
import type { JobRow } from "./store.ts";

export interface JobRunnerOptions {
  readonly database: Database;
  /** Jobs of other kinds are left to other runners. */
  readonly handlers: readonly JobHandler[];
  /** Jobs that run at the same time; 4 where it is missing. */
  readonly concurrency?: number;
  /** So long after the last sign of life a job is claimed again, in milliseconds; 30 s where it is missing. */
  readonly leaseTime?: number;
  /** So often it looks for jobs that nobody has told it of, in milliseconds; 5 s where it is missing. */
  readonly pollTime?: number;
  /** So long running jobs may go on when it stops, in milliseconds, before their signals abort; 10 s if missing. */
  readonly stopTime?: number;
  /** Is told how each job ended. */
  readonly onEnd?: (end: JobEnd) => void;
  /** Is told when the database cannot be asked; it is asked again after `pollTime`. */
  readonly onError?: (error: unknown) => void;
}

export interface JobEnd {
  readonly kind: string;
  readonly key: string;
  /** `retry`: later again. `dead`: no more. `returned`: the runner stopped. `lost`: another runner has it. */
  readonly outcome: "done" | "retry" | "dead" | "returned" | "lost";
  readonly attempt: number;
  readonly milliseconds: number;
  readonly error?: unknown;
}

/** A handler that does not heed its signal is left alone after this many milliseconds; its lease runs out. */
const ABORT_TIME = 5_000;

interface Running {
  readonly job: JobRow;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  leaseUntil: number;
}

/** Claims jobs and runs them until it is disposed. Any number of runners may share a database. */
export class JobRunner implements AsyncDisposable {
  readonly #options: Required<Omit<JobRunnerOptions, "handlers">>;
  readonly #handlers: ReadonlyMap<string, JobHandler>;
  readonly #owner = randomUUID();
  readonly #wake = new WakeSignal();
  readonly #running = new Map<number, Running>();
  #loops: Promise<unknown> | undefined;
  #unlisten: (() => void) | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #stopping = false;

  constructor({ handlers, ...options }: JobRunnerOptions) {
    this.#handlers = new Map(handlers.map((handler) => [handler.kind, handler]));
    this.#options = {
      concurrency: 4,
      leaseTime: 30_000,
      pollTime: 5_000,
      stopTime: 10_000,
      onEnd: () => {},
      onError: () => {},
      ...options,
    };
  }

  /** To be called once. */
  start(): void {
    const { database, leaseTime } = this.#options;
    this.#unlisten = database.listen(JOBS_CHANNEL, this.#wake.wake);
    this.#heartbeat = setInterval(() => {
      this.#beating ??= this.#renew().finally(() => (this.#beating = undefined));
    }, leaseTime / 3).unref();
    this.#loops = this.#loop();
  }

  async #loop(): Promise<void> {
    let scheduled = false;
    while (!this.#stopping) {
      let pause = this.#options.pollTime;
      try {
        if (!scheduled) await this.#scheduleRecurring();
        scheduled = true;
        pause = await this.#fill();
      } catch (error) {
        this.#options.onError(error);
      }
      if (!this.#stopping) await this.#wake.sleep(pause);
    }
  }

  async #scheduleRecurring(): Promise<void> {
    await this.#options.database.transaction(async (trx) => {
      for (const handler of this.#handlers.values()) await addNextTurn(trx, handler);
    });
  }

  /** Starts what is due. @returns milliseconds until there is something to do, as far as can be told */
  async #fill(): Promise<number> {
    const { database, concurrency, leaseTime, pollTime } = this.#options;
    const free = concurrency - this.#running.size;
    if (free <= 0) return pollTime; // the end of a job wakes the loop
    const kinds = [...this.#handlers.keys()];
    const next = await nextRunAt(database.read, kinds);
    const now = Date.now();
    if (next === undefined || next > now) return Math.min(pollTime, (next ?? Infinity) - now);

    const leaseUntil = now + leaseTime;
    const { dialect } = database;
    const except = [...this.#running.keys()];
    const claim = { dialect, kinds, limit: free, except, owner: this.#owner, now, leaseUntil };
    const jobs = await database.transaction((trx) => claimJobs(trx, claim));
    for (const job of jobs) this.#run(job, leaseUntil);
    return jobs.length > 0 ? 0 : pollTime; // none: what is due waits for one of its kind and key
  }

  #run(job: JobRow, leaseUntil: number): void {
    const stop = new AbortController();
    const ended = this.#runToEnd(job, stop.signal)
      .catch(this.#options.onError) // its end could not be written: it runs again after its lease
      .finally(() => {
        this.#running.delete(job.id);
        this.#wake.wake();
      });
    this.#running.set(job.id, { job, stop, ended, leaseUntil });
  }

  async #runToEnd(job: JobRow, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const handler = this.#handlers.get(job.kind);
    if (handler === undefined) throw new Error(`no handler for jobs "${job.kind}"`); // claimJobs asks for ours alone
    const failure = await attempt(handler, job, signal);
    const end = this.#endOf(handler, job, signal, failure);
    const ours = await this.#options.database.transaction((trx) =>
      writeEnd(trx, handler, job, end),
    );
    this.#options.onEnd({
      kind: job.kind,
      key: job.key,
      outcome: ours ? end.outcome : "lost",
      attempt: job.attempts,
      milliseconds: performance.now() - startedAt,
      ...(failure === undefined ? {} : { error: failure.error }),
    });
  }

  #endOf(handler: JobHandler, job: JobRow, signal: AbortSignal, failure?: Failure): End {
    if (failure === undefined) return { outcome: "done" };
    const { error } = failure;
    if (this.#stopping && signal.aborted)
      return { outcome: "returned", runAt: Date.now(), attempts: job.attempts - 1, error };
    if (error instanceof PermanentJobError || job.attempts >= handler.maxAttempts)
      return { outcome: "dead", error };
    const runAt = Date.now() + Math.max(0, Math.round(handler.backOff(job.attempts)));
    return { outcome: "retry", runAt, attempts: job.attempts, error };
  }

  /** A sign of life of all running jobs; those that another runner has by now are aborted. */
  async #renew(): Promise<void> {
    const running = [...this.#running.values()];
    if (running.length === 0) return;
    const leaseUntil = Date.now() + this.#options.leaseTime;
    try {
      const claims = running.map(({ job }) => job);
      const renewed = await this.#options.database.transaction((trx) =>
        renewLeases(trx, claims, leaseUntil),
      );
      for (const one of running) {
        if (renewed.has(one.job.id)) one.leaseUntil = leaseUntil;
        else one.stop.abort(new Error("another process has taken the job over"));
      }
    } catch (error) {
      this.#options.onError(error);
      for (const one of running)
        if (Date.now() > one.leaseUntil) one.stop.abort(new Error("the job's lease ran out"));
    }
  }

  /** Jobs of all kinds that are due and wait for their turn. */
  async waiting(): Promise<number> {
    return await countWaiting(this.#options.database.read, Date.now());
  }

  /**
   * Claims nothing more, lets running jobs end, aborts those that take longer than `stopTime` and gives them back: they
   * run again at once, elsewhere, and the attempt does not count.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#unlisten?.();
    this.#wake.wake();
    await this.#loops;
    if (!(await this.#endsWithin(this.#options.stopTime))) {
      for (const { stop } of this.#running.values()) stop.abort(new Error("the process stops"));
      await this.#endsWithin(ABORT_TIME);
    }
    clearInterval(this.#heartbeat);
    await this.#beating;
  }

  async #endsWithin(milliseconds: number): Promise<boolean> {
    const all = Promise.all([...this.#running.values()].map(({ ended }) => ended));
    const timer = new AbortController();
    const { signal } = timer;
    const late = setTimeout(milliseconds, false, { signal, ref: this.#running.size > 0 }).catch(
      () => false,
    );
    const inTime = await Promise.race([all.then(() => true), late]);
    timer.abort();
    return inTime;
  }
}

interface Failure {
  readonly error: unknown;
}
type End =
  | { readonly outcome: "done" }
  | { readonly outcome: "dead"; readonly error: unknown }
  | {
      readonly outcome: "retry" | "returned";
      readonly runAt: number;
      readonly attempts: number;
      readonly error: unknown;
    };

async function attempt(
  handler: JobHandler,
  job: JobRow,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  // The last process that tried it wrote no end: a job that kills its process must not do so for ever.
  if (job.attempts > handler.maxAttempts)
    return { error: new PermanentJobError(job.last_error ?? "its process died in every attempt") };
  try {
    await handler.run(job.payload, { signal, attempt: job.attempts });
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** @returns false when another runner has the job by now */
async function writeEnd(
  trx: Transaction<Tables>,
  handler: JobHandler,
  job: JobRow,
  end: End,
): Promise<boolean> {
  const recurs = handler.every !== undefined && job.key === RECURRING_KEY;
  if (end.outcome === "dead" && !recurs) return buryJob(trx, job, describe(end.error));
  if (!(await deleteJob(trx, job))) return false;
  if (end.outcome === "retry" || end.outcome === "returned") {
    // Inserted anew: if one of its kind and key was added meanwhile, that one takes its place.
    const { kind, key, payload } = job;
    const { runAt, attempts } = end;
    await insertJobs(trx, [
      { kind, key, payload, run_at: runAt, attempts, last_error: describe(end.error) },
    ]);
    wakeAfterCommit(trx, JOBS_CHANNEL);
  }
  if (recurs) await addNextTurn(trx, handler);
  else if (await isReady(trx, job)) wakeAfterCommit(trx, JOBS_CHANNEL); // it waited for this one
  return true;
}

async function addNextTurn(trx: Transaction<Tables>, { kind, every }: JobHandler): Promise<void> {
  if (every === undefined) return;
  const { milliseconds, payload } = every;
  await addJob(trx, { kind, key: RECURRING_KEY, payload, runAt: Date.now() + milliseconds });
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 2000);
}
