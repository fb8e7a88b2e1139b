import { fstatSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import type { FileSlice } from "../source/byte-source.ts";
import type { Digest } from "../document/digest.ts";
import { ImageError, withPlace } from "../image-error.ts";
import { LayerIndexer } from "./layer-indexer.ts";
import type { LayerIndex } from "./layer-index.ts";
import type { Limits } from "../limits.ts";

/** Bytes read at a time; file data that is longer is jumped over. */
const WINDOW = 64 * 1024;
/** Bytes after which others get their turn. */
const TURN = 64 * 2 ** 20;

/**
 * Makes the index of a plain layer from its headers alone: long data between them is not read. Nothing is verified, so
 * the digests in the index are those claimed; `verifyLayer` has to find them right before the result is used.
 *
 * Reads are synchronous: thousands of small ones cost more to hand to another thread than to do.
 *
 * @throws {ImageError} with layer, offset and path
 */
export async function scanLayer(
  slice: FileSlice,
  { digest, diffId }: { readonly digest: Digest; readonly diffId: Digest },
  { layer, limits, signal }: { layer: number; limits: Limits; signal: AbortSignal },
): Promise<LayerIndex> {
  const indexer = new LayerIndexer(limits, layer);
  const window = Buffer.allocUnsafeSlow(WINDOW);
  let turn = TURN;
  try {
    signal.throwIfAborted();
    // Data that is jumped over has to be there as well.
    if (fstatSync(slice.fd).size < slice.offset + slice.size)
      throw new ImageError("damaged", "the file ends too early");
    for (let position = 0; position < slice.size;) {
      position += indexer.skip(slice.size - position);
      if (position >= slice.size) break;
      const length = Math.min(WINDOW, slice.size - position);
      const count = readSync(slice.fd, window, 0, length, slice.offset + position);
      if (count === 0)
        throw new ImageError("damaged", "the file ends too early", { offset: position });
      indexer.push(window.subarray(0, count));
      position += count;
      if (position < turn) continue;
      turn = position + TURN;
      await setImmediate();
      signal.throwIfAborted();
    }
    return { ...indexer.finish(), digest, diffId, storedSize: slice.size };
  } catch (error) {
    throw withPlace(error, { layer });
  }
}
