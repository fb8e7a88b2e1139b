import type { Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { Database } from "../database/database.ts";
import { WakeSignal } from "../database/wake-signal.ts";
import { addJobs } from "../jobs/add-job.ts";
import type { NewJob } from "../jobs/add-job.ts";
import type { EventListener } from "./event-listener.ts";
import { writeRows } from "./event-writer.ts";
import type { EventWriter } from "./event-writer.ts";
import { EVENTS_CHANNEL } from "./record-event.ts";
import { deleteEvents, hasEvents, lockEvents } from "./store.ts";

export interface EventDispatcherOptions {
  readonly database: Database;
  readonly listeners: readonly EventListener[];
  readonly writers?: readonly EventWriter[];
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
    this.#options = { writers: [], pollTime: 5_000, onError: () => {}, ...options };
  }

  /** To be called once. */
  start(): void {
    this.#unlisten = this.#options.database.listen(EVENTS_CHANNEL, this.#wake.wake);
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    const { database, listeners, writers, pollTime, onError } = this.#options;
    const dispatch = () => dispatchEvents(database, listeners, onError, writers);
    while (!this.#stopping) {
      try {
        while (!this.#stopping && (await dispatch()) > 0);
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
 * Turns some of the oldest events into jobs and rows and deletes them, in one transaction: each event becomes its jobs
 * and rows exactly once.
 *
 * @param onError is told when a listener or writer throws
 * @returns how many events
 */
export async function dispatchEvents(
  database: Database,
  listeners: readonly EventListener[],
  onError: (error: unknown) => void,
  writers: readonly EventWriter[] = [],
): Promise<number> {
  // Most wake-ups find that another batch took the event along.
  if (!(await hasEvents(database.read))) return 0;
  return database.transaction(async (trx) => {
    const events = await lockEvents(trx, database.dialect, BATCH);
    if (events.length === 0) return 0;
    const heard = events.map(({ kind, payload }) => ({ kind, payload: parse(payload) }));
    const jobs: NewJob[] = [];
    for (const event of heard) jobs.push(...(await jobsOf(trx, event, listeners, onError)));
    for (const writer of writers) {
      const rows = rowsOf(heard, writer, onError);
      const later = await writeRows(trx, database.dialect, writer, rows, onError);
      if (later !== undefined) jobs.push(later);
    }
    await addJobs(trx, jobs);
    await deleteEvents(trx, events);
    return events.length;
  });
}

interface HeardEvent {
  readonly kind: string;
  readonly payload: unknown;
}

function parse(payload: string): unknown {
  return JSON.parse(payload);
}

/** A listener that throws misses the event: it must not keep all others waiting. */
async function jobsOf(
  trx: Transaction<Tables>,
  { kind, payload }: HeardEvent,
  listeners: readonly EventListener[],
  onError: (error: unknown) => void,
): Promise<NewJob[]> {
  const jobs: NewJob[] = [];
  for (const listener of listeners) {
    if (listener.event !== kind) continue;
    try {
      const job = await listener.jobOf(payload, trx);
      if (job !== undefined) jobs.push(job);
    } catch (error) {
      onError(error);
    }
  }
  return jobs;
}

/** As {@link jobsOf}: the writer misses what it cannot tell of. */
function rowsOf(
  events: readonly HeardEvent[],
  writer: EventWriter,
  onError: (error: unknown) => void,
): unknown[] {
  const rows: unknown[] = [];
  for (const { kind, payload } of events) {
    if (!writer.events.has(kind)) continue;
    try {
      rows.push(...writer.rowsOf(kind, payload));
    } catch (error) {
      onError(error);
    }
  }
  return rows;
}
