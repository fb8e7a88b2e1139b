import type { Digest } from "../document/digest.ts";
import type { Limits } from "../limits.ts";
import type { ByteSource } from "../source/byte-source.ts";
import type { ImageThreads } from "../threads/image-threads.ts";
import { indexLayer } from "./index-layer.ts";
import { encodeLayerIndex } from "./layer-index-file.ts";
import type { LayerIndex } from "./layer-index.ts";

/** What is known of a stored layer, and who reads it. */
export interface IndexStoredLayerOptions {
  /** Digest of the stored bytes. */
  readonly digest: Digest;
  /** Digest of the uncompressed stream, when a config names it. */
  readonly diffId?: Digest | undefined;
  readonly limits?: Limits | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the number of stored bytes read since the last call. */
  readonly onRead?: ((bytes: number) => void) | undefined;
  /** Reads layers that lie in a file; others, and all without threads, are read by the calling thread. */
  readonly threads?: ImageThreads | undefined;
}

/**
 * Reads a stored layer once, verifies its digests, and makes its index. Nothing is spooled. Where the calling thread
 * does it, it works in pieces of at most half a mebibyte.
 *
 * @throws {ImageError} `damaged`, `limit` or `unsupported`, with offset and path
 */
export async function indexStoredLayer(
  source: ByteSource,
  { threads, signal, onRead, ...claims }: IndexStoredLayerOptions,
): Promise<LayerIndex> {
  const { slice } = source;
  if (threads === undefined || slice === undefined)
    return await indexLayer(source, { ...claims, signal, onRead });
  return await threads.run("index", { slice, claims }, { signal, onProgress: onRead });
}

/** An index as it is stored, and what a database may want to know of it. */
export interface LayerIndexFile {
  /** For `decodeLayerIndex`. */
  readonly bytes: Uint8Array;
  readonly entries: number;
  /** Uncompressed bytes of the layer. */
  readonly size: number;
  readonly storedSize: number;
  readonly diffId: Digest;
  readonly digest: Digest;
}

/**
 * The same for an index that goes straight into a store: a thread does the encoding, too.
 *
 * @throws {ImageError} as {@link indexStoredLayer}
 */
export async function makeLayerIndexFile(
  source: ByteSource,
  { threads, signal, onRead, ...claims }: IndexStoredLayerOptions,
): Promise<LayerIndexFile> {
  const { slice } = source;
  if (threads === undefined || slice === undefined)
    return layerIndexFile(await indexLayer(source, { ...claims, signal, onRead }));
  return await threads.run("indexFile", { slice, claims }, { signal, onProgress: onRead });
}

export function layerIndexFile(index: LayerIndex): LayerIndexFile {
  const { table, size, storedSize, diffId, digest } = index;
  const bytes = encodeLayerIndex(index);
  return { bytes, entries: table.count, size, storedSize, diffId, digest };
}
