import { DEFAULT_LIMITS, ImageError, LAYER_INDEX_VERSION, makeLayerIndexFile } from "@wharf/image";
import type { Digest, ImageThreads } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import { Semaphore } from "../concurrency/semaphore.ts";
import { StorageError } from "../storage/blob-store.ts";
import { readObject } from "../storage/read-object.ts";
import { indexKey } from "../storage/object-keys.ts";
import { findLayerIndex, saveLayerIndex } from "./layer-index-store.ts";
import type { IndexedLayerRow } from "./layer-index-store.ts";
import { refused } from "./source-image.ts";
import type { SourceImage, SourceLayer } from "./source-image.ts";

/** Layers that one process reads at a time; the others wait. */
const AT_ONCE = 2;

/** The indexes of layers: each layer is read once, and never again. */
export class LayerIndexes {
  readonly #context: RegistryContext;
  readonly #threads: ImageThreads;
  readonly #making = new Map<Digest, Promise<Uint8Array>>();
  readonly #turns = new Semaphore(AT_ONCE);

  constructor(context: RegistryContext, threads: ImageThreads) {
    this.#context = context;
    this.#threads = threads;
  }

  /**
   * Indexes of all layers of an image, as `decodeLayerIndex` reads them, lowest first; those that are missing are made.
   *
   * @throws {RegistryError} SQUASH_REFUSED naming the layer that cannot be read
   */
  async of(image: SourceImage): Promise<Uint8Array[]> {
    return await Promise.all(
      image.layers.map((layer, number) => this.#ofLayer(image, layer, number)),
    );
  }

  /** Lengths of the uncompressed layers of an image in bytes, lowest first. @throws {RegistryError} as {@link of} */
  async sizes(image: SourceImage): Promise<number[]> {
    const db = this.#context.database.read;
    const find = (): Promise<(IndexedLayerRow | undefined)[]> =>
      Promise.all(
        image.layers.map(({ digest }) => findLayerIndex(db, digest, LAYER_INDEX_VERSION)),
      );
    let rows = await find();
    if (rows.some((row) => row?.state !== "ready")) {
      await this.of(image);
      rows = await find();
    }
    return rows.map((row) => (row?.state === "ready" ? row.size : 0));
  }

  async #ofLayer(image: SourceImage, layer: SourceLayer, number: number): Promise<Uint8Array> {
    const { digest } = layer;
    const known = await findLayerIndex(this.#context.database.read, digest, LAYER_INDEX_VERSION);
    const where = { layer: number + 1, digest };
    if (known?.state === "refused") {
      throw refused(`layer ${number + 1}: ${known.reason}`, {
        detail: { ...where, reason: known.reason },
      });
    }
    const claimed = image.diffIds[number];
    if (known !== undefined && known.diffId !== claimed) {
      throw refused(`layer ${number + 1} has another diffID than the config says`, {
        detail: { ...where, expected: claimed, actual: known.diffId },
      });
    }
    const stored = known === undefined ? undefined : await this.#load(digest);
    if (stored !== undefined) return stored;
    try {
      const made = await (this.#making.get(digest) ?? this.#make(layer));
      const row = await findLayerIndex(this.#context.database.read, digest, LAYER_INDEX_VERSION);
      if (row?.state === "ready" && row.diffId !== claimed) {
        throw refused(`layer ${number + 1} has another diffID than the config says`, {
          detail: { ...where, expected: claimed, actual: row.diffId },
        });
      }
      return made;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      throw refused(`layer ${number + 1}: ${error.message}`, {
        detail: { ...where, reason: error.message },
        cause: error,
      });
    }
  }

  /** The stored index; undefined when it is gone, then it is made again. */
  async #load(digest: Digest): Promise<Uint8Array | undefined> {
    try {
      return await readObject(this.#context.store, indexKey(digest, LAYER_INDEX_VERSION));
    } catch (error) {
      if (error instanceof StorageError && error.code === "not-found") return undefined;
      throw error;
    }
  }

  #make(layer: SourceLayer): Promise<Uint8Array> {
    const making = this.#turns
      .run(() => this.#read(layer))
      .finally(() => this.#making.delete(layer.digest));
    this.#making.set(layer.digest, making);
    return making;
  }

  async #read({ digest, key }: SourceLayer): Promise<Uint8Array> {
    const { store, database, config, now } = this.#context;
    try {
      await using object = await store.open(key);
      const limits = { ...DEFAULT_LIMITS, layerEntries: config.squash.layerEntries };
      const made = await makeLayerIndexFile(object, { digest, limits, threads: this.#threads });
      await store.put(indexKey(digest, LAYER_INDEX_VERSION), made.bytes);
      const { diffId, size } = made;
      await database.transaction((trx) =>
        saveLayerIndex(trx, digest, LAYER_INDEX_VERSION, { state: "ready", diffId, size }, now()),
      );
      return made.bytes;
    } catch (error) {
      // A limit is the configuration's, which may change; everything else stays as it is.
      if (error instanceof ImageError && error.code !== "limit") {
        const reason = error.message;
        await database.transaction((trx) =>
          saveLayerIndex(trx, digest, LAYER_INDEX_VERSION, { state: "refused", reason }, now()),
        );
      }
      throw error;
    }
  }
}
