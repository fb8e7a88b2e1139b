import { setImmediate, setTimeout } from "node:timers/promises";
import type { Transaction } from "kysely";

import type { CollectionConfig, RegistryConfig } from "../config/config.ts";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import type { Logger } from "../log.ts";
import type { BlobStore } from "../storage/blob-store.ts";
import type { CollectedItem, CollectedKind } from "./collection-report.ts";
import { CollectionTally } from "./collection-tally.ts";
import type { Scratch } from "./scratch.ts";

/** Longest pause after a transaction, in milliseconds. */
const LONGEST_PAUSE = 50;

export interface CollectorConfig {
  readonly collection: Pick<CollectionConfig, "lease" | "tagExpiration" | "orphanAge">;
  readonly registry: Pick<RegistryConfig, "uploadExpiration">;
}

interface RunOptions {
  readonly database: Database;
  readonly store: BlobStore;
  readonly config: CollectorConfig;
  readonly log: Logger;
  readonly scratch: Scratch;
  readonly isDry: boolean;
  /** Milliseconds since 1970; the whole run judges by it. */
  readonly startedAt: number;
  readonly signal: AbortSignal | undefined;
  readonly onItem: ((item: CollectedItem) => void) | undefined;
  /** Called between any two batches; throws to stop the run. */
  readonly keepLease: () => Promise<void>;
}

/** What lived at these times is kept; milliseconds since 1970. */
export interface Limits {
  readonly now: number;
  /** Leases renewed since then hold. */
  readonly leaseSince: number;
  /** Of namespaces that have no window of their own, in milliseconds: how long tags can be taken back. */
  readonly window: number;
  readonly uploadSince: number;
  readonly orphanSince: number;
}

/** One collection while it runs: what it works on, what it may take, what it has taken. */
export class CollectionRun {
  readonly database: Database;
  readonly store: BlobStore;
  readonly scratch: Scratch;
  readonly isDry: boolean;
  readonly limits: Limits;
  readonly tally = new CollectionTally();
  readonly #options: RunOptions;
  #pause = 0;

  constructor(options: RunOptions) {
    const { collection, registry } = options.config;
    const now = options.startedAt;
    this.#options = options;
    this.database = options.database;
    this.store = options.store;
    this.scratch = options.scratch;
    this.isDry = options.isDry;
    this.limits = {
      now,
      leaseSince: now - collection.lease,
      window: collection.tagExpiration,
      uploadSince: now - registry.uploadExpiration,
      orphanSince: now - collection.orphanAge,
    };
  }

  /**
   * A short transaction. The next one waits as long as this one took, so that others get in between.
   *
   * @throws the signal's reason, or that the lease was lost
   */
  async write<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    await setTimeout(Math.min(this.#pause, LONGEST_PAUSE));
    await this.breathe();
    const began = performance.now();
    try {
      return await this.database.transaction(work);
    } finally {
      this.#pause = performance.now() - began;
    }
  }

  /** Between any two batches: requests get their turn. @throws as {@link write} does */
  async breathe(): Promise<void> {
    await setImmediate();
    this.#options.signal?.throwIfAborted();
    await this.#options.keepLease();
  }

  taken(item: CollectedItem): void {
    this.tally.add(item);
    this.#options.onItem?.(item);
  }

  /** Records an error and goes on. @throws the error itself when the run is to stop */
  failed(kind: CollectedKind, item: string | undefined, error: unknown): void {
    this.#options.signal?.throwIfAborted();
    if (error instanceof LeaseLostError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    this.tally.fail({ kind, ...(item === undefined ? {} : { item }), message });
    this.#options.log.warn("collection could not take something", {
      kind,
      item,
      err: error instanceof Error ? error : message,
    });
  }
}

/** This process was thought dead, and another one collects now. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";

  constructor() {
    super("another process has taken over the collection");
  }
}
