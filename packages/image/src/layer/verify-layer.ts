import { readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import type { FileSlice } from "../source/byte-source.ts";
import { algorithmOf, Digester } from "../document/digest.ts";
import type { Digest } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";

/** What is claimed of a plain layer. */
export interface LayerClaim {
  /** Number of the layer, for errors; the lowest is 1. */
  readonly layer: number;
  /** Digest of the stored bytes and of the uncompressed stream, which are the same bytes. */
  readonly digest: Digest;
  readonly diffId: Digest;
}

/** Bytes read at a time. */
const CHUNK = 1024 * 1024;
/** Bytes after which a message of the other threads is heard. */
const TURN = 64 * 2 ** 20;

/**
 * Reads a plain layer to its last byte and compares its digests with what is claimed. It works nearly without a pause,
 * so it belongs into a thread of its own; there it does not get into the way of reads that others wait for.
 *
 * @throws {ImageError} `damaged`
 */
export async function verifyLayer(
  slice: FileSlice,
  claim: LayerClaim,
  signal?: AbortSignal,
): Promise<void> {
  const diffId = new Digester(claim.diffId);
  const isSame = algorithmOf(claim.digest) === algorithmOf(claim.diffId);
  const digest = isSame ? undefined : new Digester(claim.digest);
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, slice.size));
  for (let position = 0; position < slice.size;) {
    const length = Math.min(CHUNK, slice.size - position);
    const count = readSync(slice.fd, buffer, 0, length, slice.offset + position);
    if (count === 0) {
      throw new ImageError("damaged", "the file ends too early", {
        layer: claim.layer,
        offset: position,
      });
    }
    const chunk = buffer.subarray(0, count);
    diffId.update(chunk);
    digest?.update(chunk);
    if (Math.floor(position / TURN) !== Math.floor((position + count) / TURN)) await setImmediate();
    signal?.throwIfAborted();
    position += count;
  }
  const found = diffId.digest();
  expectSame("the diffID", claim.diffId, found, claim.layer);
  expectSame("the digest", claim.digest, digest?.digest() ?? found, claim.layer);
}

/** @throws {ImageError} `damaged`, naming both digests */
export function expectSame(what: string, claimed: Digest, found: Digest, layer?: number): void {
  if (claimed === found) return;
  throw new ImageError(
    "damaged",
    `${what} does not match: expected ${claimed}, the bytes have ${found}`,
    layer === undefined ? {} : { layer },
  );
}
