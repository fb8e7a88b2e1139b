import { ImageThreads } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import { isManifestShown } from "../repositories/manifest-store.ts";
import { Downloads } from "./downloads.ts";
import { LayerCache } from "./layer-cache.ts";
import { LayerIndexes } from "./layer-indexes.ts";
import { SquashedImages } from "./squashed-images.ts";
import { SquashedLayers } from "./squashed-layers.ts";
import { VirtualImages } from "./virtual-images.ts";

/** Between two looks for layers in the cache whose image is gone, in milliseconds. */
const SWEEP = 60_000;

/** All that squashes in a server. */
export class Squash implements AsyncDisposable {
  readonly indexes: LayerIndexes;
  readonly layers: SquashedLayers;
  readonly images: SquashedImages;
  readonly virtual: VirtualImages;
  readonly downloads: Downloads;
  readonly threads: ImageThreads;
  readonly #context: RegistryContext;
  readonly #cache: LayerCache;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> = Promise.resolve();

  private constructor(context: RegistryContext, threads: ImageThreads, cache: LayerCache) {
    this.#context = context;
    this.threads = threads;
    this.#cache = cache;
    this.indexes = new LayerIndexes(context, threads);
    this.layers = new SquashedLayers(context, { indexes: this.indexes, threads, cache });
    this.images = new SquashedImages(context, this.layers);
    this.downloads = new Downloads(context, this.indexes, this.layers);
    this.virtual = new VirtualImages(context, this.images, this.layers);
    this.#timer = setInterval(() => {
      this.#sweeping = this.sweep().catch((error: unknown) => {
        context.log.warn("the cache of squashed layers could not be swept", {
          error: error instanceof Error ? error : String(error),
        });
      });
    }, SWEEP).unref();
  }

  static async open(context: RegistryContext): Promise<Squash> {
    const { squash } = context.config;
    const cache = await LayerCache.open({
      folder: squash.cacheFolder,
      maxBytes: squash.cacheBytes,
      producers: squash.producers,
      metrics: context.metrics,
      log: context.log,
    });
    return new Squash(context, new ImageThreads({ count: squash.threads }), cache);
  }

  /** Squashed layers go with the image that they were made of. */
  async sweep(): Promise<void> {
    const { database } = this.#context;
    await this.layers.drop(async (source) => !(await isManifestShown(database.read, source)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
    await this.#cache[Symbol.asyncDispose]();
    await this.threads[Symbol.asyncDispose]();
  }
}
