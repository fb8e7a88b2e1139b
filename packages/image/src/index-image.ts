import { availableParallelism } from "node:os";

import type { ByteSource } from "./byte-source.ts";
import { compressionOf } from "./compression.ts";
import { ImageError } from "./image-error.ts";
import type { Image, ImageLayer } from "./image.ts";
import { indexLayer } from "./index-layer.ts";
import type { IndexLayerOptions } from "./index-layer.ts";
import { LayerIndexWorker } from "./layer-index-worker.ts";
import type { LayerIndex } from "./layer-index.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { Limits } from "./limits.ts";
import type { OnProgress } from "./progress.ts";
import { Spool } from "./spool.ts";

/** A layer that was read to its last byte and found to be what its image claims. */
export interface IndexedLayer {
  readonly layer: ImageLayer;
  readonly index: LayerIndex;
  /** The uncompressed tar stream: the blob itself or, for a compressed one, its spooled content. */
  readonly content: ByteSource;
}

/** An image whose layers are verified and indexed, lowest first. Closing it frees the spooled content. */
export interface IndexedImage extends AsyncDisposable {
  readonly image: Image;
  readonly layers: readonly IndexedLayer[];
}

/** How an image is indexed. */
export interface IndexImageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly limits?: Limits | undefined;
  /** Folder for the content of compressed layers; default the system's folder for temporary files. */
  readonly tmpDir?: string | undefined;
  /** Layers read at the same time; default the number of cores, at most 4. */
  readonly workers?: number | undefined;
}

/** Images with fewer stored bytes are read faster than a thread starts. */
const WORTH_A_THREAD = 16 * 2 ** 20;

/**
 * Reads all layers of an image once: verifies digest, size and diffID of each, makes its index, and spools the
 * content of compressed ones for the second pass. Several layers at a time.
 *
 * @throws {ImageError} naming layer, offset and path
 *
 * @example
 * await using source = await openImagePath("image.tar");
 * await using indexed = await indexImage(selectImage(source, {}));
 * indexed.layers[0]?.index.diffId;
 */
export async function indexImage(
  image: Image,
  options: IndexImageOptions = {},
): Promise<IndexedImage> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  if (image.layers.length > limits.layers) {
    throw new ImageError(
      "limit",
      `the image has ${image.layers.length} layers, allowed are ${limits.layers}`,
    );
  }
  await using resources = new AsyncDisposableStack();
  const total = image.layers.reduce((sum, { blob }) => sum + blob.size, 0);
  const onRead = (bytes: number): void => options.onProgress?.({ phase: "index", bytes, total });
  onRead(0);
  const layers = await readAll(image, { ...options, limits, onRead, total, resources });
  const entries = layers.reduce((sum, { index }) => sum + index.table.count, 0);
  if (entries > limits.imageEntries) {
    throw new ImageError(
      "limit",
      `the image has ${entries} entries, allowed are ${limits.imageEntries}`,
    );
  }
  const kept = resources.move();
  return { image, layers, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

interface Reading extends IndexImageOptions {
  readonly limits: Limits;
  readonly onRead: (bytes: number) => void;
  readonly total: number;
  readonly resources: AsyncDisposableStack;
}

/** The largest layers first, so that the threads end together. */
async function readAll(image: Image, reading: Reading): Promise<IndexedLayer[]> {
  const order = [...image.layers.entries()].toSorted(([, a], [, b]) => b.blob.size - a.blob.size);
  const result: IndexedLayer[] = Array.from({ length: image.layers.length });
  const queue = order.values();
  const failed = new AbortController();
  const signal = AbortSignal.any([
    failed.signal,
    ...(reading.signal === undefined ? [] : [reading.signal]),
  ]);
  const readLayers = async (worker: LayerIndexWorker | undefined): Promise<void> => {
    for (const [number, layer] of queue) {
      result[number] = await readOne(layer, number, { ...reading, signal }, worker);
    }
  };
  await using threads = new AsyncDisposableStack();
  const readers = [readLayers(undefined)];
  for (let count = 1; count < threadsFor(image, reading); count++) {
    readers.push(readLayers(threads.use(new LayerIndexWorker(signal))));
  }
  for (const reader of readers) reader.catch((error: unknown) => failed.abort(error));
  const ended = await Promise.allSettled(readers);
  if (failed.signal.aborted) throw failed.signal.reason;
  for (const { status } of ended)
    if (status === "rejected") throw new Error("a layer was not read");
  return result;
}

function threadsFor(image: Image, { workers, total }: Reading): number {
  if (workers === undefined && total < WORTH_A_THREAD) return 1;
  return Math.min(workers ?? Math.min(availableParallelism(), 4), image.layers.length);
}

async function readOne(
  layer: ImageLayer,
  number: number,
  { limits, signal, onRead, tmpDir, resources }: Reading,
  worker: LayerIndexWorker | undefined,
): Promise<IndexedLayer> {
  const { blob, digest, diffId } = layer;
  const compressed = (await compressionOf(blob)) !== "none";
  const spool = compressed ? resources.use(await Spool.create(tmpDir)) : undefined;
  const options: IndexLayerOptions = {
    layer: number + 1,
    digest,
    diffId,
    limits,
    spoolTo: spool?.fd,
    signal,
    onRead,
  };
  const index =
    worker === undefined || blob.slice === undefined
      ? await indexLayer(blob, options)
      : await worker.index(blob.slice, options);
  return { layer, index, content: spool === undefined ? blob : spool.source(index.size) };
}
