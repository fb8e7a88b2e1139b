import { LRUCache } from "lru-cache";
import { compareIndexFiles, DEFAULT_LIMITS, listFolder } from "@wharf/image";
import type { FileChanges, FolderPage, ImageThreads, Limits } from "@wharf/image";
import { Semaphore } from "../concurrency/semaphore.ts";
import { within } from "../concurrency/within.ts";
import type { RegistryContext } from "../context.ts";
import { RegistryError } from "../http/registry-error.ts";
import { layerStackId } from "../squash/layer-stack-id.ts";
import type { LayerIndexes } from "../squash/layer-indexes.ts";
import type { SourceImage } from "../squash/source-image.ts";
import { asComparisonRefusal } from "./comparison-refusal.ts";

/** Memory that comparisons may take which are kept for their next pages, in bytes. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** Comparisons that are made at a time, and that may wait for their turn: each takes memory by the number of files. */
const AT_ONCE = 1;
const MOST_WAITING = 20;

/** Looks into images by the indexes of their layers, in threads; indexes that are missing are made. */
export class Comparisons implements AsyncDisposable {
  readonly #context: RegistryContext;
  readonly #indexes: LayerIndexes;
  readonly #threads: ImageThreads;
  readonly #kept = new LRUCache<string, FileChanges>({
    maxSize: KEPT_BYTES,
    sizeCalculation: ({ blocks, kinds, ends }) =>
      1000 + blocks.byteLength + kinds.byteLength + ends.byteLength,
  });
  readonly #working = new Map<string, Promise<unknown>>();
  readonly #turns = new Semaphore(AT_ONCE);
  #turn: Promise<unknown> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(
    context: RegistryContext,
    parts: { readonly indexes: LayerIndexes; readonly threads: ImageThreads },
  ) {
    this.#context = context;
    this.#indexes = parts.indexes;
    this.#threads = parts.threads;
  }

  /**
   * The files that two images do not have alike. It depends on their layers alone, so it is kept for a while.
   *
   * @throws {RegistryError} COMPARE_REFUSED, UNAVAILABLE when it takes longer than a client should wait: it goes on
   */
  async compare(base: SourceImage, head: SourceImage): Promise<FileChanges> {
    const key = `${stackId(base)} ${stackId(head)}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    return await this.#wait(key, [base, head], async () => {
      const [old, young] = await this.#indexesOf(base, head);
      const changes = await compareIndexFiles(old, young, {
        limits: this.#limits(),
        threads: this.#threads,
        signal: this.#stopping.signal,
      });
      this.#kept.set(key, changes);
      return changes;
    });
  }

  /**
   * A folder of an image, all layers put together.
   *
   * @param page entries in the order of their names
   * @returns undefined when there is no such folder
   * @throws {RegistryError} as {@link compare}
   */
  async folder(
    image: SourceImage,
    page: { readonly path: string; readonly from: number; readonly limit: number },
  ): Promise<FolderPage | undefined> {
    const key = JSON.stringify([stackId(image), page]);
    return await this.#wait(key, [image], async () => {
      const indexes = await this.#indexes.of(image);
      const options = { threads: this.#threads, signal: this.#stopping.signal };
      return await listFolder({ ...page, indexes, limits: this.#limits() }, options);
    });
  }

  /** Uncompressed bytes of each layer, lowest first. */
  async sizes(image: SourceImage): Promise<number[]> {
    return await this.#indexes.sizes(image);
  }

  /** Layers that both have are there once. */
  async #indexesOf(base: SourceImage, head: SourceImage): Promise<[Uint8Array[], Uint8Array[]]> {
    const old = await this.#indexes.of(base);
    const shared = new Map(base.layers.map(({ digest }, at) => [digest, old[at]]));
    const young = await this.#indexes.of(head);
    return [
      old,
      young.map((bytes, at) => shared.get(head.layers[at]?.digest ?? base.digest) ?? bytes),
    ];
  }

  #limits(): Limits {
    return { ...DEFAULT_LIMITS, imageEntries: this.#context.config.squash.layerEntries };
  }

  /** Whoever asks for the same waits for the same work; nobody who gives up stops it. */
  async #wait<T>(key: string, images: readonly SourceImage[], work: () => Promise<T>): Promise<T> {
    const working = this.#working.get(key) ?? this.#begin(key, images, work);
    try {
      // The key names the work, and what it comes to.
      return (await within(this.#context.config.squash.waitTimeout, working, comeAgain)) as T;
    } catch (error) {
      throw asComparisonRefusal(error);
    }
  }

  #begin(
    key: string,
    images: readonly SourceImage[],
    work: () => Promise<unknown>,
  ): Promise<unknown> {
    if (this.#working.size > MOST_WAITING) throw comeAgain();
    const working = this.#work(images, work).finally(() => this.#working.delete(key));
    this.#working.set(key, working);
    return working;
  }

  /** Layers that nobody has read yet are read before its turn: that can take minutes, and nobody else waits for it. */
  async #work(images: readonly SourceImage[], work: () => Promise<unknown>): Promise<unknown> {
    for (const image of images) await this.#indexes.sizes(image);
    const turn = this.#turns.run(() => {
      this.#stopping.signal.throwIfAborted();
      return work();
    });
    this.#turn = turn;
    return await turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    // Turns come one after the other. Layers that are being read for the first time are left to their threads.
    await Promise.allSettled([this.#turn]);
  }
}

function stackId({ layers }: SourceImage): string {
  return layerStackId(layers.map(({ digest }) => digest));
}

function comeAgain(): RegistryError {
  return new RegistryError("UNAVAILABLE", "the files of the images are being read; come again", {
    headers: { "Retry-After": "5" },
  });
}
