import { availableParallelism } from "node:os";

import type { ByteSource, FileSlice } from "../source/byte-source.ts";
import { compressionOf } from "../compression/compression.ts";
import { ImageError } from "../image-error.ts";
import type { Image, ImageLayer } from "../image.ts";
import { indexLayer } from "./index-layer.ts";
import type { LayerIndex } from "./layer-index.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import type { OnProgress } from "../progress.ts";
import { scanLayer } from "./scan-layer.ts";
import { Spool } from "../source/spool.ts";
import { ImageThread } from "../threads/image-thread.ts";
import type { LayerClaim } from "./verify-layer.ts";

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
  /**
   * Settles when every byte was found to be what the image claims; rejects with an {@link ImageError} `damaged`.
   * Settled from the start unless verification goes on alongside.
   */
  readonly verified: Promise<void>;
}

/** How an image is indexed. */
export interface IndexImageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly limits?: Limits | undefined;
  /** Folder for the content of compressed layers; default the system's folder for temporary files. */
  readonly tmpDir?: string | undefined;
  /**
   * `before` (default): the index is there when all bytes are verified. `alongside`: plain layers are verified by a
   * thread while the caller goes on, who must wait for {@link IndexedImage.verified} before the result counts.
   */
  readonly verify?: "before" | "alongside" | undefined;
  /**
   * The squashed layer will be written only once: what was spooled of a layer is given back as soon as it is copied, so
   * spool and result together take little more space than one of them. Default false.
   */
  readonly once?: boolean | undefined;
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
 * await using source = await openImagePath("layout");
 * await using indexed = await indexImage(selectImage(source));
 * indexed.layers.map(({ index }) => index.table.count); // => [2, 1, 2]
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
  const reading: Reading = { ...options, limits, onRead, total, resources };
  const alongside = await layersToScan(image, reading);
  const verified = verifyAlongside(alongside, reading);
  verified.catch(() => undefined); // told by whoever waits for it
  const layers = await readAll(image, alongside, reading);
  const entries = layers.reduce((sum, { index }) => sum + index.table.count, 0);
  if (entries > limits.imageEntries) {
    throw new ImageError(
      "limit",
      `the image has ${entries} entries, allowed are ${limits.imageEntries}`,
    );
  }
  const kept = resources.move();
  return { image, layers, verified, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

interface Reading extends IndexImageOptions {
  readonly limits: Limits;
  readonly onRead: (bytes: number) => void;
  readonly total: number;
  readonly resources: AsyncDisposableStack;
}

/** A plain layer in a file whose digests are claimed: its index needs only the headers. */
interface ScannedLayer {
  readonly slice: FileSlice;
  readonly claim: LayerClaim;
}

/** Layers, by number from 0, that are verified alongside. */
async function layersToScan(image: Image, reading: Reading): Promise<Map<number, ScannedLayer>> {
  const scanned = new Map<number, ScannedLayer>();
  if (reading.verify !== "alongside" || threadsFor(image, reading) < 2) return scanned;
  for (const [number, { blob, diffId, digest = diffId }] of image.layers.entries()) {
    const { slice } = blob;
    if (slice === undefined || diffId === undefined || digest === undefined) continue;
    if ((await compressionOf(blob)) !== "none") continue;
    scanned.set(number, { slice, claim: { layer: number + 1, digest, diffId } });
  }
  return scanned;
}

async function verifyAlongside(
  layers: ReadonlyMap<number, ScannedLayer>,
  { signal, resources }: Reading,
): Promise<void> {
  if (layers.size === 0) return;
  const ended = new AbortController();
  const thread = resources.use(new ImageThread());
  const either = AbortSignal.any([ended.signal, ...(signal === undefined ? [] : [signal])]);
  resources.defer(() => ended.abort(new Error("the image was closed before it was verified")));
  for (const { slice, claim } of layers.values())
    await thread.run("verify", { slice, claim }, { signal: either });
}

/** The largest layers first, so that the threads end together. */
async function readAll(
  image: Image,
  scanned: ReadonlyMap<number, ScannedLayer>,
  reading: Reading,
): Promise<IndexedLayer[]> {
  const order = [...image.layers.entries()].toSorted(([, a], [, b]) => b.blob.size - a.blob.size);
  const result: IndexedLayer[] = Array.from({ length: image.layers.length });
  const queue = order.values();
  const failed = new AbortController();
  const signal = AbortSignal.any([
    failed.signal,
    ...(reading.signal === undefined ? [] : [reading.signal]),
  ]);
  const readLayers = async (thread: ImageThread | undefined): Promise<void> => {
    for (const [number, layer] of queue) {
      const here = { ...reading, signal };
      const scan = scanned.get(number);
      result[number] = await (scan === undefined
        ? readOne(layer, number, here, thread)
        : scanOne(layer, scan, here));
    }
  };
  await using threads = new AsyncDisposableStack();
  const readers = [readLayers(undefined)];
  const wanted = Math.min(threadsFor(image, reading), image.layers.length - scanned.size);
  for (let count = 1; count < wanted; count++) {
    readers.push(readLayers(threads.use(new ImageThread())));
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

async function scanOne(
  layer: ImageLayer,
  { slice, claim }: ScannedLayer,
  { limits, signal = new AbortController().signal, onRead }: Reading,
): Promise<IndexedLayer> {
  const index = await scanLayer(slice, claim, { layer: claim.layer, limits, signal });
  onRead(slice.size);
  return { layer, index, content: layer.blob };
}

async function readOne(
  layer: ImageLayer,
  number: number,
  { limits, signal, onRead, tmpDir, once, resources }: Reading,
  thread: ImageThread | undefined,
): Promise<IndexedLayer> {
  const { blob, digest, diffId } = layer;
  const compressed = (await compressionOf(blob)) !== "none";
  const spool = compressed ? resources.use(await Spool.create(tmpDir)) : undefined;
  const claims = { layer: number + 1, digest, diffId, limits, spoolTo: spool?.fd };
  const index =
    thread === undefined || blob.slice === undefined
      ? await indexLayer(blob, { ...claims, signal, onRead })
      : await thread.run("index", { slice: blob.slice, claims }, { signal, onProgress: onRead });
  if (spool === undefined) return { layer, index, content: blob };
  const content = spool.source(index.size);
  return {
    layer,
    index,
    content: once === true ? { ...content, release: () => spool.release() } : content,
  };
}
