import { createCipheriv } from "node:crypto";

import type { LayerSource } from "./layer-source.ts";
import { paddedSize, TAR_BLOCK, writeTarHeader } from "./tar-header.ts";

/** An entry of a generated layer. A name that ends in a slash is a directory. */
export interface SyntheticEntry {
  readonly name: string;
  /** Bytes of content. */
  readonly size: number;
  /** Chooses the content: same seed and size, same bytes. */
  readonly seed: number;
}

/**
 * A layer that is generated while it is read, so a million entries or gigabytes cost one buffer.
 *
 * @param entries starts the sequence of entries anew at each call, always the same one
 */
export function syntheticLayer(
  createdBy: string,
  entries: () => Iterable<SyntheticEntry>,
): LayerSource {
  let size = 2 * TAR_BLOCK;
  let count = 0;
  for (const entry of entries()) {
    size += TAR_BLOCK + paddedSize(entry.size);
    count += 1;
  }
  return { size, entries: count, createdBy, chunks: () => tarChunks(entries()) };
}

const CHUNK = 1024 * 1024;

function* tarChunks(entries: Iterable<SyntheticEntry>): Generator<Uint8Array> {
  const chunk = Buffer.alloc(CHUNK);
  let used = 0;
  for (const { name, size, seed } of entries) {
    if (used === CHUNK) {
      yield chunk;
      used = 0;
    }
    writeTarHeader(
      chunk.subarray(used, used + TAR_BLOCK),
      name,
      name.endsWith("/") ? "5" : "0",
      size,
    );
    used += TAR_BLOCK;
    // Data and padding are both multiples of a block in the end, so a chunk ends on a block boundary.
    let from = (seed * 7919) % CONTENT.length;
    for (let left = paddedSize(size), data = size; left > 0;) {
      if (used === CHUNK) {
        yield chunk;
        used = 0;
      }
      const room = Math.min(left, CHUNK - used, CONTENT.length - from);
      const filled = Math.min(room, data);
      CONTENT.copy(chunk, used, from, from + filled);
      chunk.fill(0, used + filled, used + room);
      used += room;
      left -= room;
      data -= filled;
      from = (from + room) % CONTENT.length;
    }
  }
  yield chunk.subarray(0, used);
  yield Buffer.alloc(2 * TAR_BLOCK);
}

/** What files are filled with: stretches of random bytes and of hexadecimal text, about 25 % compressible as real layers' mix is not far from that. */
const CONTENT = makeContent(4 * CHUNK);

function makeContent(size: number): Buffer {
  const random = createCipheriv("aes-128-ctr", Buffer.alloc(16, 1), Buffer.alloc(16)).update(
    Buffer.alloc(size),
  );
  for (let at = 0; at < size; at += 8192) {
    random.write(random.toString("hex", at, at + 2048), at, "latin1");
  }
  return random;
}
