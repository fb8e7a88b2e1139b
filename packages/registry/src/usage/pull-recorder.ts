import { LRUCache } from "lru-cache";
import type { Digest } from "@wharf/image";
import type { Database } from "../database/database.ts";
import type { Logger } from "../log.ts";
import type { Pull, PullListener } from "./pull.ts";
import { addPulls } from "./pull-store.ts";
import type { CountedPulls } from "./pull-store.ts";

/** Between two writes, in milliseconds. */
const INTERVAL = 5_000;

/** Different tags and manifests that are counted between two writes; pulls of more are not counted. */
const MOST_COUNTED = 20_000;

/** Clients such as containerd resolve a tag with HEAD and pull what they were told by its digest, within this time. */
const RESOLVED = { max: 5_000, ttl: 60_000 } as const;

/**
 * Counts pulls in memory and writes them every few seconds: a pull costs one look into a map. Statistics, so those of
 * the last seconds before a crash are missing, and what cannot be written is dropped. Replicas add up.
 */
export class PullRecorder implements AsyncDisposable {
  readonly #database: Database;
  readonly #log: Pick<Logger, "warn">;
  readonly #now: () => number;
  readonly #listeners = new Set<PullListener>();
  readonly #resolved: LRUCache<string, string>;
  readonly #timer: NodeJS.Timeout;
  #counts = new Map<string, Counted>();
  #dropped = 0;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly database: Database;
    readonly log: Pick<Logger, "warn">;
    readonly now: () => number;
  }) {
    this.#database = options.database;
    this.#log = options.log;
    this.#now = options.now;
    this.#resolved = new LRUCache(RESOLVED);
    this.#timer = setInterval(() => void this.flush(), INTERVAL).unref();
  }

  /** @returns a function that ends it */
  listen(listener: PullListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A client was told what a tag points to; it has pulled nothing yet. */
  resolved(place: PullPlace, tag: string): void {
    this.#resolved.set(placeKey(place), tag);
  }

  /** The tag that a client has resolved before it pulls by digest, once. */
  tagOf(place: PullPlace): string | undefined {
    if (this.#resolved.size === 0) return undefined;
    const key = placeKey(place);
    const tag = this.#resolved.get(key);
    if (tag !== undefined) this.#resolved.delete(key);
    return tag;
  }

  /** Never waits and never throws. */
  record(pull: Omit<Pull, "at">): void {
    const at = this.#now();
    this.#count(pull.repository.id, pull.tag, pull.digest, at);
    for (const listener of this.#listeners) listener.pulled({ ...pull, at });
  }

  #count(repositoryId: number, tag: string | undefined, digest: Digest, at: number): void {
    const key = `${repositoryId} ${digest} ${tag ?? ""}`;
    const counted = this.#counts.get(key);
    if (counted !== undefined) {
      counted.pulls++;
      counted.lastAt = at;
    } else if (this.#counts.size < MOST_COUNTED) {
      this.#counts.set(key, { repositoryId, tag, digest, pulls: 1, lastAt: at });
    } else this.#dropped++;
  }

  /** Writes what was counted; resolves when it is written or dropped. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async #write(): Promise<void> {
    const counts = [...this.#counts.values()];
    const dropped = this.#dropped;
    this.#counts = new Map();
    this.#dropped = 0;
    if (dropped > 0) this.#log.warn("pulls were not counted: too many at once", { pulls: dropped });
    if (counts.length === 0) return;
    try {
      await addPulls(this.#database, counts);
    } catch (error) {
      this.#log.warn("pulls could not be counted", {
        manifests: counts.length,
        error: error instanceof Error ? error : String(error),
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}

/** A client at an address, and what it was told. */
type PullPlace = Pick<Pull, "repository" | "address" | "digest">;

function placeKey({ repository, address, digest }: PullPlace): string {
  return `${repository.id} ${address} ${digest}`;
}

type Counted = { -readonly [Key in keyof CountedPulls]: CountedPulls[Key] };
