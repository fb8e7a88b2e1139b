import type { Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { Database } from "../database/database.ts";
import { WakeSignal } from "../database/wake-signal.ts";
import { addJobs } from "../jobs/add-job.ts";
import type { NewJob } from "../jobs/add-job.ts";
import type { EventListener } from "./event-listener.ts";
import { EVENTS_CHANNEL } from "./record-event.ts";
import { deleteEvents, hasEvents, lockEvents } from "./store.ts";
import type { EventRow } from "./store.ts";

export interface EventDispatcherOptions {
  readonly database: Database;
  readonly listeners: readonly EventListener[];
  /** So often it looks for events that nobody has told it of, in milliseconds; 5 s where it is missing. */
  readonly pollTime?: number;
  /** Is told when a listener throws, and when the database cannot be asked; it is asked again after `pollTime`. */
  readonly onError?: (error: unknown) => void;
}

const BATCH = 100;

/** Turns events into jobs until it is disposed. Any number of them may share a database. */
export class EventDispatcher implements AsyncDisposable {
  readonly #options: Required<EventDispatcherOptions>;
  readonly #wake = new WakeSignal();
  #loop: Promise<void> | undefined;
  #unlisten: (() => void) | undefined;
  #stopping = false;

  constructor(options: EventDispatcherOptions) {
    this.#options = { pollTime: 5_000, onError: () => {}, ...options };
  }

  /** To be called once. */
  start(): void {
    this.#unlisten = this.#options.database.listen(EVENTS_CHANNEL, this.#wake.wake);
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    const { database, listeners, pollTime, onError } = this.#options;
    while (!this.#stopping) {
      try {
        while (!this.#stopping && (await dispatchEvents(database, listeners, onError)) > 0);
      } catch (error) {
        onError(error);
      }
      if (!this.#stopping) await this.#wake.sleep(pollTime);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    this.#unlisten?.();
    this.#wake.wake();
    await this.#loop;
  }
}

/**
 * Turns some of the oldest events into jobs and deletes them, in one transaction: each event becomes its jobs exactly
 * once.
 *
 * @param onError is told when a listener throws
 * @returns how many events
 */
export async function dispatchEvents(
  database: Database,
  listeners: readonly EventListener[],
  onError: (error: unknown) => void,
): Promise<number> {
  // Most wake-ups find that another batch took the event along.
  if (!(await hasEvents(database.read))) return 0;
  return database.transaction(async (trx) => {
    const events = await lockEvents(trx, database.dialect, BATCH);
    if (events.length === 0) return 0;
    const jobs: NewJob[] = [];
    for (const event of events) jobs.push(...(await jobsOf(trx, event, listeners, onError)));
    await addJobs(trx, jobs);
    await deleteEvents(trx, events);
    return events.length;
  });
}

/** A listener that throws misses the event: it must not keep all others waiting. */
async function jobsOf(
  trx: Transaction<Tables>,
  { kind, payload }: EventRow,
  listeners: readonly EventListener[],
  onError: (error: unknown) => void,
): Promise<NewJob[]> {
  const parsed: unknown = JSON.parse(payload);
  const jobs: NewJob[] = [];
  for (const listener of listeners) {
    if (listener.event !== kind) continue;
    try {
      const job = await listener.jobOf(parsed, trx);
      if (job !== undefined) jobs.push(job);
    } catch (error) {
      onError(error);
    }
  }
  return jobs;
}
