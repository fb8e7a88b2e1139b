import { LRUCache } from "lru-cache";
import { createHash } from "node:crypto";
import {
  compressor,
  decodePlan,
  DEFAULT_LIMITS,
  encodePlan,
  neededLayers,
  portableGzipHeader,
  squashFromPlan,
  squashIndexFiles,
  squashIntoFile,
  writeFully,
} from "@wharf/image";
import type { Digest, ImageThreads, LayerCompression, PackedPlan, ReadySquash } from "@wharf/image";
import { readRange } from "../storage/filesystem/read-range.ts";
import type { RegistryContext } from "../context.ts";
import type { StoredObject } from "../storage/blob-store.ts";
import type { CachedLayer, LayerCache, MakeLayer } from "./layer-cache.ts";
import type { LayerIndexes } from "./layer-indexes.ts";
import { asRefusal } from "./source-image.ts";
import type { SourceImage } from "./source-image.ts";
import { planKey } from "./plan-key.ts";
import { findPlan, renewPlan, savePlan } from "./squash-plan-store.ts";
import { SQUASH_VERSION } from "./squash-version.ts";

export type Encoding = "none" | "gzip" | "zstd";

/** Levels that weigh time against size for something that is pulled many times. */
const LEVELS: Readonly<Record<Exclude<Encoding, "none">, number>> = { gzip: 6, zstd: 3 };

/** A stored plan that is used is told to be so often, in milliseconds. */
const RENEWED_AFTER = 86_400_000;

/** Memory that plans of squashed images may take, in bytes. */
const PLANS_BYTES = 48 * 1024 * 1024;

/** Squashed layers: how long they are, and their bytes. */
export class SquashedLayers {
  readonly #context: RegistryContext;
  readonly #indexes: LayerIndexes;
  readonly #threads: ImageThreads;
  readonly #cache: LayerCache;
  readonly #plans = new LRUCache<string, ReadySquash>({
    maxSize: PLANS_BYTES,
    sizeCalculation: planBytes,
  });
  readonly #planning = new Map<string, Promise<ReadySquash>>();

  constructor(
    context: RegistryContext,
    parts: { indexes: LayerIndexes; threads: ImageThreads; cache: LayerCache },
  ) {
    this.#context = context;
    this.#indexes = parts.indexes;
    this.#threads = parts.threads;
    this.#cache = parts.cache;
  }

  /**
   * What squashing an image comes to; no layer is read for it when all are indexed.
   *
   * @param keep layers at the bottom that stay
   * @throws {RegistryError} SQUASH_REFUSED
   */
  async plan(image: SourceImage, keep: number): Promise<ReadySquash> {
    const key = `${image.digest} ${keep}`;
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const planning = this.#planning.get(key) ?? this.#makePlan(image, keep, key);
    this.#planning.set(key, planning);
    return await planning;
  }

  async #makePlan(image: SourceImage, keep: number, key: string): Promise<ReadySquash> {
    try {
      const squash = (await this.#storedPlan(image, keep)) ?? (await this.#newPlan(image, keep));
      this.#plans.set(key, squash);
      return squash;
    } catch (error) {
      throw asRefusal(error);
    } finally {
      this.#planning.delete(key);
    }
  }

  async #storedPlan(image: SourceImage, keep: number): Promise<ReadySquash | undefined> {
    const { database, now } = this.#context;
    const key = planKey(image.layers, keep);
    const stored = await findPlan(database.read, key);
    if (stored === undefined) return undefined;
    // Another image of the same layers may tell other diffIDs: which are wrong is found by looking at the indexes.
    const { diffIds } = image;
    if (!stored.layers.every(({ diffId }, number) => diffId === diffIds[number])) return undefined;
    if (stored.usedAt < now() - RENEWED_AFTER) {
      await database.transaction((trx) => renewPlan(trx, key, now()));
    }
    return squashFromPlan(
      { config: image.config, layers: stored.layers },
      decodePlan(stored.plan),
      { keep },
    );
  }

  async #newPlan(image: SourceImage, keep: number): Promise<ReadySquash> {
    const { config, database, now } = this.#context;
    const indexes = await this.#indexes.of(image);
    const limits = { ...DEFAULT_LIMITS, imageEntries: config.squash.layerEntries };
    const { report: _, ...squash } = await squashIndexFiles(
      { config: image.config, indexes },
      { keep, limits, threads: this.#threads },
    );
    const { plan } = squash;
    if (plan === undefined) return squash;
    const sizes = await this.#indexes.sizes(image);
    const layers = image.diffIds.map((diffId, number) => ({ size: sizes[number] ?? 0, diffId }));
    const stored = { plan: encodePlan(plan), layers };
    await database.transaction((trx) => savePlan(trx, planKey(image.layers, keep), stored, now()));
    return squash;
  }

  /** The squashed layer, from the cache or being made from now on. Whoever takes it disposes it. */
  acquire(image: SourceImage, squash: ReadySquash, encoding: Encoding): CachedLayer {
    const { keep } = squash.change;
    const make =
      encoding === "none" ? this.#plain(image, squash) : this.#encoded(image, squash, encoding);
    return this.#cache.acquire(layerName(image.digest, keep, encoding), encoding, make);
  }

  #plain(image: SourceImage, { plan }: ReadySquash): MakeLayer {
    return async (fd, onWritten, signal) => {
      if (plan === undefined) throw new Error("no layer of the image is squashed");
      await using opened = new AsyncDisposableStack();
      const needed = new Set(neededLayers(plan));
      const blobs = await Promise.all(
        image.layers.map(async ({ key }, layer): Promise<StoredObject | undefined> =>
          needed.has(layer) ? opened.use(await this.#context.store.open(key)) : undefined,
        ),
      );
      return await squashIntoFile(plan, blobs, fd, { threads: this.#threads, onWritten, signal });
    };
  }

  /** Compressed from the plain layer, which is made first or at the same time. */
  #encoded(
    image: SourceImage,
    squash: ReadySquash,
    encoding: Exclude<Encoding, "none">,
  ): MakeLayer {
    return async (fd, grew, signal) => {
      await using plain = this.acquire(image, squash, "none");
      const hash = createHash("sha256");
      let position = 0;
      const sink = async (chunk: Uint8Array): Promise<void> => {
        hash.update(chunk);
        await writeFully(fd, chunk, position);
        position += chunk.length;
        grew(chunk.length);
      };
      const compression: LayerCompression = { kind: encoding, level: LEVELS[encoding] };
      const compressing = compressor(
        compression,
        encoding === "gzip" ? portableGzipHeader(sink) : sink,
      );
      try {
        for await (const { fd: from, offset, size } of plain.pieces(0, squash.size, signal)) {
          for await (const chunk of readRange(from, offset, offset + size)) {
            await compressing.write(chunk);
          }
        }
        await compressing.end();
      } catch (error) {
        compressing.abort();
        throw error;
      }
      return `sha256:${hash.digest("hex")}` as Digest; // right by construction
    };
  }

  /** Layers whose source is gone go from the cache. @param isGone of manifests, by their digests */
  async drop(isGone: (source: Digest) => Promise<boolean>): Promise<void> {
    const gone = new Set<string>();
    for (const name of this.#cache.names()) {
      if (await isGone(sourceOf(name))) gone.add(name);
    }
    await this.#cache.drop((name) => gone.has(name));
  }
}

/** The name of a squashed layer in the cache. */
function layerName(source: Digest, keep: number, encoding: Encoding): string {
  return `${source.replace(":", "-")}-${keep}-${encoding}-${SQUASH_VERSION}`;
}

function sourceOf(name: string): Digest {
  const [algorithm, hex] = name.split("-");
  return `${algorithm}:${hex}` as Digest; // as layerName has written it
}

/** What a plan takes in memory, roughly. */
function planBytes({ plan, layers, configLength }: ReadySquash): number {
  const columns = plan === undefined ? 0 : packedBytes(plan);
  return 2000 + columns + configLength + layers.length * 200;
}

function packedBytes({ source, start, length, literals }: PackedPlan): number {
  const frames = literals.frames.reduce((sum, frame) => sum + frame.byteLength, 0);
  return source.byteLength + start.byteLength + length.byteLength + frames;
}
