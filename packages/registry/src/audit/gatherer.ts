import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import type { Transaction } from "kysely";
import type { Config } from "../config/config.ts";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { AuditedDeed } from "./audited-deed.ts";
import { writeDeeds } from "./write-deeds.ts";

/** Between two writes, in milliseconds. */
const INTERVAL = 3_000;

/** Entries that wait at most; about a KiB each. */
const MOST_WAITING = 10_000;

/** Entries of one transaction: on SQLite requests wait meanwhile, for a millisecond or two. */
const BATCH = { sqlite: 25, postgres: 500 } as const;

/** Turns after which a batch that cannot be written is dropped, lest it keep all others waiting. */
const MOST_FAILURES = 40;

/** Between two messages that entries were dropped, in milliseconds. */
const QUIET = 60_000;

/** At stop: how long the last entries may take, in milliseconds. */
const LAST_WRITE = 5_000;

export interface GathererOptions {
  readonly database: Database;
  readonly config: Pick<Config["audit"], "addresses">;
  readonly log: Pick<Logger, "warn">;
  readonly metrics: Pick<Metrics, "auditDropped">;
}

/**
 * Entries of the audit log that must cost those who cause them nothing: they wait in memory and are written in batches.
 * Equal ones become one with their number. When the database cannot keep up, what is too much is dropped, counted and
 * told of; nobody waits.
 */
export class Gatherer implements AsyncDisposable {
  readonly #options: GathererOptions;
  readonly #timer: NodeJS.Timeout;
  /** By what makes entries equal. */
  #waiting = new Map<string, Gathered>();
  /** Taken from `#waiting`, and not written yet. */
  #writing: readonly Gathered[] = [];
  #running: Promise<void> | undefined;
  /** Of the batch that is written now. */
  #failures = 0;
  #dropped = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: GathererOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), INTERVAL).unref();
  }

  /** Never waits and never throws. @param key the same for entries that differ in nothing but their time */
  add(key: string, deed: () => AuditedDeed): void {
    const known = this.#waiting.get(key);
    if (known !== undefined) known.times++;
    else if (this.#waiting.size + this.#writing.length >= MOST_WAITING) this.#drop(1);
    else this.#waiting.set(key, { deed: deed(), times: 1 });
  }

  /** Writes what waits; resolves when that is written, or has failed and waits for the next turn. */
  flush(): Promise<void> {
    this.#running ??= this.#write()
      .catch((error: unknown) => {
        const cause = error instanceof Error ? error : new Error(String(error));
        this.#tell("entries of the audit log wait", cause);
      })
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** What comes meanwhile waits for the next turn, so that equal entries find each other however many there are. */
  async #write(): Promise<void> {
    const { database } = this.#options;
    if (this.#writing.length === 0) {
      this.#writing = [...this.#waiting.values()];
      this.#waiting = new Map();
    }
    while (this.#writing.length > 0) {
      const batch = this.#writing.slice(0, BATCH[database.dialect]);
      try {
        await database.transaction((trx) => this.#insert(trx, batch));
      } catch (error) {
        if (++this.#failures < MOST_FAILURES) throw error;
        this.#drop(batch.length);
      }
      this.#failures = 0;
      this.#writing = this.#writing.slice(batch.length);
    }
  }

  async #insert(trx: Transaction<Tables>, batch: readonly Gathered[]): Promise<void> {
    const { database, config } = this.#options;
    if (database.dialect === "postgres") {
      // A connection that waits for a lock is one that requests do not have.
      await sql`set local lock_timeout = '1s'`.execute(trx);
      await sql`set local statement_timeout = '10s'`.execute(trx);
    }
    await writeDeeds(trx, config, batch.map(deedOf));
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#options.metrics.auditDropped(count);
    this.#tell("entries of the audit log were dropped: the database is too slow for them");
  }

  /** Once a minute at most. */
  #tell(message: string, error?: Error): void {
    const now = performance.now();
    if (now - this.#toldAt < QUIET) return;
    this.#toldAt = now;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#options.log.warn(message, {
      waiting: this.#waiting.size + this.#writing.length,
      dropped,
      ...(error === undefined ? {} : { error }),
    });
  }

  /** Writes what waits, unless that takes too long. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const timer = new AbortController();
    const late = setTimeout(LAST_WRITE, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.#writeLast(), late]);
    timer.abort();
    const lost = this.#waiting.size + this.#writing.length;
    if (lost === 0) return;
    this.#toldAt = Number.NEGATIVE_INFINITY;
    this.#drop(lost);
  }

  /** What has waited since a failure, and what has come since then. */
  async #writeLast(): Promise<void> {
    await this.#running;
    await this.flush();
    await this.flush();
  }
}

interface Gathered {
  readonly deed: AuditedDeed;
  times: number;
}

function deedOf({ deed, times }: Gathered): AuditedDeed {
  return times === 1 ? deed : { ...deed, metadata: { ...deed.metadata, pulls: times } };
}
