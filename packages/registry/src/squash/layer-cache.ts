import { constants } from "node:fs";
import { mkdir, open, readdir, rename, stat, unlink, utimes } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Digest, FileSlice } from "@wharf/image";
import { Semaphore } from "../concurrency/semaphore.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";

/**
 * Writes a layer into an open file from position 0, always the same bytes.
 *
 * @param grew told the number of bytes that can be read in addition
 * @returns the sha256 of all bytes
 */
export type MakeLayer = (
  fd: number,
  grew: (bytes: number) => void,
  signal: AbortSignal,
) => Promise<Digest>;

/** What is known of a layer when its last byte was made. */
export interface MadeLayer {
  readonly size: number;
  readonly digest: Digest;
}

/** A layer of the cache, being made or complete. It stays until it is disposed, whatever is evicted meanwhile. */
export interface CachedLayer extends AsyncDisposable {
  /** Settles when the layer is complete, or could not be made. */
  readonly made: Promise<MadeLayer>;
  /** The bytes from `start` to `end`, as soon as they are there. */
  pieces(start: number, end: number, signal: AbortSignal): AsyncGenerator<FileSlice>;
}

export interface LayerCacheOptions {
  readonly folder: string;
  /** Complete layers that nobody reads are evicted, the least recently used first, when all are more than this. */
  readonly maxBytes: number;
  /** Layers of one lane that are made at the same time; others wait. */
  readonly producers: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * Squashed layers on the local disk. A layer is made once, however many ask for it; everybody reads the file while it
 * grows, nobody who leaves stops it. The folder belongs to one process:
 *
 *     <name>.<number>.part        being made; left behind by a crash: deleted at start
 *     <name>.<sha256>             complete; its name was given only after its bytes were durable
 */
export class LayerCache implements AsyncDisposable {
  readonly #options: LayerCacheOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #stopping = new AbortController();
  readonly #working = new Set<Promise<void>>();
  readonly #lanes = new Map<string, Semaphore>();
  #count = 0;

  private constructor(options: LayerCacheOptions) {
    this.#options = options;
  }

  static async open(options: LayerCacheOptions): Promise<LayerCache> {
    const cache = new LayerCache(options);
    await cache.#load();
    options.metrics.gauge("squashCacheBytes", () => cache.bytes);
    return cache;
  }

  /** Bytes of all layers, those that are being made included. */
  get bytes(): number {
    let sum = 0;
    for (const { written } of this.#entries.values()) sum += written;
    return sum;
  }

  /**
   * The layer of a name, made by `make` unless it is there or being made.
   *
   * @param name `[a-z0-9-]+`; names the bytes: whoever asks for the same name would make the same
   * @param lane one whose layers are never made from layers of the same lane, which would wait for each other
   */
  acquire(name: string, lane: string, make: MakeLayer): CachedLayer {
    const { metrics } = this.#options;
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      metrics.squashRequest("miss");
      entry = this.#begin(name, lane, make);
    } else {
      metrics.squashRequest(entry.isComplete ? "hit" : "joined");
    }
    // The last in the map is the one used last.
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return this.#reader(entry);
  }

  /** Names of complete layers for which `isGone` holds go; one that is read goes afterwards. */
  async drop(isGone: (name: string) => boolean): Promise<void> {
    for (const [name, entry] of this.#entries) {
      if (!entry.isComplete || !isGone(name)) continue;
      entry.isDropped = true;
      if (entry.readers === 0 && entry.isNamed) await this.#remove(entry);
    }
  }

  /** Names of all complete layers. */
  names(): string[] {
    return [...this.#entries.values()].filter((e) => e.isComplete).map(({ name }) => name);
  }

  #begin(name: string, lane: string, make: MakeLayer): Entry {
    const entry = new Entry(name, join(this.#options.folder, `${name}.${++this.#count}.part`));
    const turns = this.#lanes.getOrInsertComputed(
      lane,
      () => new Semaphore(this.#options.producers),
    );
    const work = turns
      .run(() => this.#produce(entry, make))
      .then(
        (made) => entry.complete(made),
        async (error: unknown) => {
          if (this.#entries.get(name) === entry) this.#entries.delete(name);
          entry.fail(error);
          await entry.removePart();
        },
      );
    const settled = work.finally(() => this.#working.delete(settled));
    this.#working.add(settled);
    entry.made.catch(() => undefined); // those who wait for it are told; nobody else is
    return entry;
  }

  async #produce(entry: Entry, make: MakeLayer): Promise<MadeLayer> {
    const { signal } = this.#stopping;
    try {
      signal.throwIfAborted();
      const file = await open(entry.part, PART_FLAGS, 0o600);
      entry.opened(file);
      const digest = await make(file.fd, (bytes) => entry.grew(bytes), signal);
      const made = { size: entry.written, digest };
      this.#keep(entry, made);
      this.#options.metrics.squashMade("done", made.size);
      return made;
    } catch (error) {
      this.#options.metrics.squashMade("failed", entry.written);
      throw error;
    }
  }

  /** Gives a complete layer its name. Readers need not wait: they have the file open. */
  #keep(entry: Entry, made: MadeLayer): void {
    const { log } = this.#options;
    const work = (async () => {
      await entry.sync();
      await rename(entry.part, this.#path(entry.name, made));
      entry.isNamed = true;
      await entry.closeIfUnused();
      if (entry.isDropped && entry.readers === 0) await this.#remove(entry);
      await this.#evict();
    })().catch(async (error: unknown) => {
      log.warn("a squashed layer could not be kept", {
        layer: entry.name,
        error: error instanceof Error ? error : String(error),
      });
      if (this.#entries.get(entry.name) === entry) this.#entries.delete(entry.name);
      await entry.abandon();
    });
    const settled = work.finally(() => this.#working.delete(settled));
    this.#working.add(settled);
  }

  #reader(entry: Entry): CachedLayer {
    entry.readers++;
    let isOver = false;
    return {
      made: entry.made,
      pieces: (start, end, signal) => this.#pieces(entry, start, end, signal),
      [Symbol.asyncDispose]: async () => {
        if (isOver) return;
        isOver = true;
        entry.readers--;
        await entry.closeIfUnused();
        if (entry.isDropped && entry.isNamed && entry.readers === 0) await this.#remove(entry);
        else await this.#evict();
      },
    };
  }

  async *#pieces(
    entry: Entry,
    start: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<FileSlice> {
    let position = start;
    while (position < end) {
      await entry.reaches(position + 1, signal);
      const file = await entry.file(() => this.#openComplete(entry));
      const available = Math.min(end, entry.written);
      if (available <= position) throw new Error("the squashed layer is shorter than its plan");
      yield { fd: file.fd, offset: position, size: available - position };
      position = available;
    }
  }

  async #openComplete(entry: Entry): Promise<FileHandle> {
    const path = this.#path(entry.name, await entry.made);
    const file = await open(path, "r").catch((error: unknown) => {
      // Somebody has emptied the folder: the next one who asks has it made again.
      if (this.#entries.get(entry.name) === entry) this.#entries.delete(entry.name);
      throw error;
    });
    const now = new Date();
    // The order of use outlives a restart.
    await utimes(path, now, now).catch(() => undefined);
    return file;
  }

  async #evict(): Promise<void> {
    for (const entry of this.#entries.values()) {
      if (this.bytes <= this.#options.maxBytes) return; // others may have evicted meanwhile
      if (!entry.isNamed || entry.readers > 0) continue;
      this.#options.metrics.squashEvicted();
      await this.#remove(entry);
    }
  }

  async #remove(entry: Entry): Promise<void> {
    if (this.#entries.get(entry.name) === entry) this.#entries.delete(entry.name);
    const path = this.#path(entry.name, await entry.made);
    await unlink(path).catch(() => undefined);
  }

  async #load(): Promise<void> {
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const found: { entry: Entry; usedAt: number }[] = [];
    for (const file of await readdir(folder)) {
      const path = join(folder, file);
      const match = /^([a-z0-9-]+)\.([0-9a-f]{64})$/.exec(file);
      if (match === null) {
        if (file.endsWith(".part")) await unlink(path);
        continue;
      }
      const { size, mtimeMs } = await stat(path);
      const [, name = "", hex = ""] = match;
      const entry = new Entry(name, "");
      entry.isNamed = true;
      entry.grew(size);
      entry.complete({ size, digest: `sha256:${hex}` as Digest }); // of the form just checked
      found.push({ entry, usedAt: mtimeMs });
    }
    for (const { entry } of found.toSorted((a, b) => a.usedAt - b.usedAt)) {
      this.#entries.set(entry.name, entry);
    }
    await this.#evict();
  }

  #path(name: string, { digest }: MadeLayer): string {
    return join(this.#options.folder, `${name}.${digest.slice("sha256:".length)}`);
  }

  /** Gives up what is being made. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error("the registry is stopping"));
    while (this.#working.size > 0) await Promise.allSettled(this.#working);
    await Promise.allSettled([...this.#entries.values()].map((entry) => entry.close()));
  }
}

const PART_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC;

/** One layer and those who wait for it. */
class Entry {
  readonly name: string;
  /** Where it is written. */
  readonly part: string;
  readonly made: Promise<MadeLayer>;
  /** Bytes that can be read. */
  written = 0;
  readers = 0;
  isComplete = false;
  /** Its file has the name of a complete layer. */
  isNamed = false;
  /** It is complete, but has got no name: it ends with its readers. */
  isAbandoned = false;
  /** Its source is gone. */
  isDropped = false;
  readonly #resolve: (made: MadeLayer) => void;
  readonly #reject: (error: unknown) => void;
  #failure: { error: unknown } | undefined;
  #file: Promise<FileHandle> | undefined;
  #waiting: (() => void)[] = [];

  constructor(name: string, part: string) {
    this.name = name;
    this.part = part;
    const { promise, resolve, reject } = Promise.withResolvers<MadeLayer>();
    this.made = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  opened(file: FileHandle): void {
    this.#file = Promise.resolve(file);
  }

  grew(bytes: number): void {
    this.written += bytes;
    this.#wake();
  }

  complete(made: MadeLayer): void {
    this.isComplete = true;
    this.#resolve(made);
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#reject(error);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Waits until so many bytes are there, or all that ever will. */
  async reaches(bytes: number, signal: AbortSignal): Promise<void> {
    while (this.written < bytes) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.isComplete) return;
      signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      const leave = (): void => resolve();
      signal.addEventListener("abort", leave, { once: true });
      await promise;
      signal.removeEventListener("abort", leave);
    }
  }

  async file(reopen: () => Promise<FileHandle>): Promise<FileHandle> {
    return await (this.#file ??= reopen());
  }

  async sync(): Promise<void> {
    const file = await this.#file;
    await file?.datasync();
  }

  async closeIfUnused(): Promise<void> {
    const isOver = this.isNamed || this.isAbandoned || this.#failure !== undefined;
    if (this.readers === 0 && isOver) await this.close();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await (await file?.catch(() => undefined))?.close();
  }

  async abandon(): Promise<void> {
    this.isAbandoned = true;
    await this.removePart();
  }

  async removePart(): Promise<void> {
    await unlink(this.part).catch(() => undefined);
    await this.closeIfUnused();
  }
}
