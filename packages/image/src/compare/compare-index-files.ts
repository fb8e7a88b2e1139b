import { ImageError } from "../image-error.ts";
import { decodeLayerIndex } from "../layer/layer-index-file.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import type { ImageThreads } from "../threads/image-threads.ts";
import { compareFiles } from "./compare-files.ts";
import type { FileChanges } from "./file-changes.ts";
import { mergedFiles } from "./merged-files.ts";

/** How two images are compared. */
export interface CompareIndexFilesOptions {
  readonly limits?: Limits | undefined;
  /** The calling thread only waits for them. */
  readonly threads?: ImageThreads | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What goes to a thread: indexes as they are stored, each once, and which of them an image has. */
export interface ComparedIndexes {
  readonly indexes: readonly Uint8Array[];
  /** Positions in `indexes`, lowest layer first. */
  readonly base: readonly number[];
  readonly head: readonly number[];
  readonly limits: Limits | undefined;
}

/**
 * Compares the files of two images by the stored indexes of their layers; no layer is read. What counts as changed:
 * `DIFFERENCES` in `file-change.ts`.
 *
 * @param base indexes as `encodeLayerIndex` made them, lowest layer first; equal ones are best the same object
 * @throws {ImageError} `damaged`, `limit` for too many entries, or `unsupported` for an index of another version
 */
export async function compareIndexFiles(
  base: readonly Uint8Array[],
  head: readonly Uint8Array[],
  { limits, threads, signal }: CompareIndexFilesOptions = {},
): Promise<FileChanges> {
  const distinct = [...new Set([...base, ...head])];
  const places = new Map(distinct.map((bytes, at) => [bytes, at]));
  const placesOf = (all: readonly Uint8Array[]): number[] =>
    all.map((bytes) => places.get(bytes) ?? 0);
  const compared = { base: placesOf(base), head: placesOf(head), limits };
  if (threads === undefined) return compareDecoded({ ...compared, indexes: distinct });
  // Copies of their own size: a view takes all of its buffer to the thread.
  const indexes = distinct.map((bytes) => new Uint8Array(bytes));
  return await threads.run("compare", { ...compared, indexes }, { signal });
}

/** What a thread does of {@link compareIndexFiles}. One tree is in memory at a time, the other one in columns. */
export function compareDecoded({ indexes, base, head, limits }: ComparedIndexes): FileChanges {
  const decoded = indexes.map((bytes) => decodeLayerIndex(bytes, limits));
  const merged = (places: readonly number[]) =>
    mergedFiles(checkedLayers(decoded, places, limits), limits);
  return compareFiles(merged(base), merged(head));
}

/** @throws {ImageError} `limit` when an image has more entries than the limits allow */
export function checkedLayers(
  decoded: readonly LayerIndex[],
  places: readonly number[],
  { imageEntries }: Limits = DEFAULT_LIMITS,
): LayerIndex[] {
  const layers = places.map((place) => decoded[place]).filter((index) => index !== undefined);
  const entries = layers.reduce((sum, { table }) => sum + table.count, 0);
  if (entries <= imageEntries) return layers;
  throw new ImageError("limit", `the image has ${entries} entries, allowed are ${imageEntries}`);
}
