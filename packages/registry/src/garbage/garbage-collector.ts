import { randomUUID } from "node:crypto";

import type { Database } from "../database/database.ts";
import type { Logger } from "../log.ts";
import type { BlobStore } from "../storage/blob-store.ts";
import type { CollectedItem, CollectedKind, CollectionReport } from "./collection-report.ts";
import { CollectionRun, LeaseLostError } from "./collection-run.ts";
import type { CollectorConfig } from "./collection-run.ts";
import { collectDeadManifests } from "./dead-manifests.ts";
import { expiredRepositories } from "./expired-repositories.ts";
import { expiredTags } from "./expired-tags.ts";
import { collect } from "./garbage.ts";
import type { Garbage } from "./garbage.ts";
import { housekeeping } from "./housekeeping.ts";
import { acquireLease, releaseLease, renewLease } from "./lease-store.ts";
import { orphanedBlobs, orphanedIndexes } from "./orphaned-objects.ts";
import { insertReport } from "./report-store.ts";
import { Scratch } from "./scratch.ts";
import { staleLayerIndexes } from "./stale-layer-indexes.ts";
import { staleSquashedImages } from "./stale-squashed-images.ts";
import { staleSquashedIndexes } from "./stale-squashed-indexes.ts";
import { staleUploads } from "./stale-uploads.ts";
import { givenUpBlobs, unusedBlobs } from "./unused-blobs.ts";
import { unusedLinks } from "./unused-links.ts";
import { uploadLeftovers } from "./upload-leftovers.ts";

/** A process that does not renew its lease for so long is taken for dead, in milliseconds. */
const LEASE = 60_000;

export interface CollectorOptions {
  readonly database: Database;
  readonly store: BlobStore;
  readonly config: CollectorConfig;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Called after each collection, but not after dry runs; for metrics. */
  readonly onReport?: (report: CollectionReport) => void;
}

export interface CollectOptions {
  /** Takes nothing; the report tells what a collection would take now. */
  readonly dryRun?: boolean;
  /** Stops between two batches; the report is not complete then. */
  readonly signal?: AbortSignal;
  /** Called for everything that is taken, or would be. */
  readonly onItem?: (item: CollectedItem) => void;
}

/** What a run does, in this order: what is taken first sets the next free. */
const STEPS: readonly { kind: CollectedKind; collect: (run: CollectionRun) => Promise<void> }[] = [
  step(expiredRepositories),
  step(expiredTags),
  { kind: "manifests", collect: collectDeadManifests },
  step(unusedLinks),
  step(staleSquashedImages),
  step(staleSquashedIndexes),
  step(givenUpBlobs),
  step(unusedBlobs),
  step(staleLayerIndexes),
  step(staleUploads),
  step(uploadLeftovers),
  step(orphanedBlobs),
  step(orphanedIndexes),
  ...housekeeping.map((garbage) => step(garbage)),
];

function step<Item>(garbage: Garbage<Item>): (typeof STEPS)[number] {
  return { kind: garbage.kind, collect: (run) => collect(run, garbage) };
}

/**
 * Takes back what nothing refers to, while others push, mount, restore and squash, in any number of processes; why that
 * is safe: docs/decisions/007-leases-against-collection.md. It may be killed at any time: the next run goes on.
 */
export class GarbageCollector {
  readonly #options: CollectorOptions;
  readonly #now: () => number;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Collects once. What cannot be taken is told in the report and does not stop the rest.
   *
   * @throws {CollectionRunningError} when another collection is under way, here or in another process; never in a dry
   *   run, which needs no lease
   */
  async collect(options: CollectOptions = {}): Promise<CollectionReport> {
    if (options.dryRun === true) return await this.#run(options, async () => {});
    const { database, log, onReport } = this.#options;
    const owner = randomUUID();
    await this.#acquire(owner);
    try {
      const report = await this.#run(options, this.#keeper(owner));
      await database.transaction((trx) => insertReport(trx, report));
      log.info("collection finished", {
        milliseconds: report.finishedAt - report.startedAt,
        bytes: report.bytes,
        errors: report.errors.count,
        complete: report.complete,
      });
      onReport?.(report);
      return report;
    } finally {
      await database.transaction((trx) => releaseLease(trx, owner));
    }
  }

  async #run(
    { dryRun = false, signal, onItem }: CollectOptions,
    keepLease: () => Promise<void>,
  ): Promise<CollectionReport> {
    const { database, store, config, log } = this.#options;
    using scratch = new Scratch();
    const startedAt = this.#now();
    const run = new CollectionRun({
      database,
      store,
      config,
      log,
      scratch,
      isDry: dryRun,
      startedAt,
      signal,
      onItem,
      keepLease,
    });
    const complete = await runSteps(run, log, signal);
    const { taken, bytes, errors } = run.tally;
    return { dryRun, startedAt, finishedAt: this.#now(), complete, taken, bytes, errors };
  }

  async #acquire(owner: string): Promise<void> {
    const now = this.#now();
    const isOurs = await this.#options.database.transaction((trx) =>
      acquireLease(trx, owner, now, now + LEASE),
    );
    if (!isOurs) throw new CollectionRunningError();
  }

  /** @returns what is called between batches: it renews the lease in time */
  #keeper(owner: string): () => Promise<void> {
    let renewedAt = this.#now();
    return async () => {
      const now = this.#now();
      if (now < renewedAt + LEASE / 5) return;
      renewedAt = now;
      const isOurs = await this.#options.database.transaction((trx) =>
        renewLease(trx, owner, now + LEASE),
      );
      if (!isOurs) throw new LeaseLostError();
    };
  }
}

/** @returns whether everything was looked at */
async function runSteps(
  run: CollectionRun,
  log: Logger,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let complete = true;
  for (const { kind, collect } of STEPS) {
    try {
      await collect(run);
    } catch (error) {
      complete = false;
      if (signal?.aborted === true) return false;
      if (error instanceof LeaseLostError) {
        log.warn(error.message);
        return false;
      }
      run.failed(kind, undefined, error);
    }
  }
  return complete;
}

/** Only one collection runs at a time. */
export class CollectionRunningError extends Error {
  override readonly name = "CollectionRunningError";

  constructor() {
    super("another collection is running; try again when it has finished");
  }
}
