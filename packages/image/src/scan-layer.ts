import type { FileSlice } from "./byte-source.ts";
import type { Digest } from "./digest.ts";
import { readFully } from "./file-source.ts";
import { withPlace } from "./image-error.ts";
import { LayerIndexer } from "./layer-indexer.ts";
import type { LayerIndex } from "./layer-index.ts";
import type { Limits } from "./limits.ts";

/** Bytes read at a time; file data that is longer is jumped over. */
const WINDOW = 256 * 1024;

/**
 * Makes the index of a plain layer from its headers alone: long data between them is not read. Nothing is verified, so
 * the digests in the index are those claimed; `verifyLayer` has to find them right before the result is used.
 *
 * @throws {ImageError} with layer, offset and path
 */
export async function scanLayer(
  slice: FileSlice,
  { digest, diffId }: { readonly digest: Digest; readonly diffId: Digest },
  { layer, limits, signal }: { layer: number; limits: Limits; signal: AbortSignal },
): Promise<LayerIndex> {
  const indexer = new LayerIndexer(limits, layer);
  const windows = new Windows(slice);
  try {
    for (let position = 0; position < slice.size;) {
      signal.throwIfAborted();
      position += indexer.skip(slice.size - position);
      if (position >= slice.size) break;
      const window = await windows.at(position);
      indexer.push(window);
      position += window.length;
    }
    return { ...indexer.finish(), digest, diffId, storedSize: slice.size };
  } catch (error) {
    throw withPlace(error, { layer });
  } finally {
    await windows.settle();
  }
}

/** Reads windows of a file; while one is looked at, the one behind it is being read already. */
class Windows {
  readonly #slice: FileSlice;
  readonly #buffers = [Buffer.allocUnsafeSlow(WINDOW), Buffer.allocUnsafeSlow(WINDOW)] as const;
  #turn = 0;
  #next: { position: number; reading: Promise<Buffer> } | undefined;

  constructor(slice: FileSlice) {
    this.#slice = slice;
  }

  /** The bytes from a position on; positions ascend. The window is valid until the next call. */
  async at(position: number): Promise<Buffer> {
    let next = this.#next;
    if (next === undefined || position >= next.position + WINDOW) {
      await this.settle();
      next = this.#read(position);
    }
    const window = await next.reading;
    this.#next = this.#read(next.position + window.length);
    return window.subarray(position - next.position);
  }

  /** No read goes on afterwards. */
  async settle(): Promise<void> {
    await this.#next?.reading.catch(() => undefined);
    this.#next = undefined;
  }

  #read(position: number): { position: number; reading: Promise<Buffer> } {
    const length = Math.min(WINDOW, Math.max(0, this.#slice.size - position));
    const buffer = this.#buffers[this.#turn++ % 2 === 0 ? 0 : 1];
    const reading = readFully(this.#slice.fd, buffer, length, this.#slice.offset + position);
    reading.catch(() => undefined); // told when its turn comes
    return { position, reading };
  }
}
