import { ImageError } from "@wharf/image";

import { fileError } from "./file-error.ts";
import { readAt } from "./system-calls.ts";

/** Read at a time: with two of these a download is faster than with fewer or larger ones. */
const CHUNK = 256 * 1024;
/** Buffers kept for the next reader. More readers than that make their own. */
const MAX_POOLED = 32;

const pool: Buffer[] = [];

/**
 * The bytes of an open file from `start` (inclusive) to `end` (exclusive): while the consumer works on a chunk, the
 * next one is read into a second buffer. A chunk is the consumer's until it asks for the next one.
 *
 * @throws {ImageError} `damaged` when the file ends before
 * @throws {StorageError} `unavailable` when the disk fails
 */
export async function* readRange(
  fd: number,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const buffers: Buffer[] = [];
  let position = start;
  let turn = 0;
  const fill = (): Promise<Buffer> => {
    const buffer = (buffers[turn] ??= takeBuffer(end - position));
    turn = 1 - turn;
    const from = position;
    position = Math.min(end, from + buffer.length);
    const filling = readFully(fd, buffer, position - from, from);
    filling.catch(() => undefined); // told to the consumer when it asks for the next chunk
    return filling;
  };
  let next = position < end ? fill() : undefined;
  try {
    while (next !== undefined) {
      const chunk = await next;
      next = position < end ? fill() : undefined;
      yield chunk;
    }
    // Only here: a consumer that left early may still be sending its last chunk, which must not change then.
    pool.push(...buffers.filter(({ length }) => length === CHUNK));
    pool.length = Math.min(pool.length, MAX_POOLED);
  } finally {
    await next?.catch(() => undefined); // the descriptor is the owner's again, who may close it
  }
}

function takeBuffer(wanted: number): Buffer {
  if (wanted < CHUNK) return Buffer.allocUnsafeSlow(wanted);
  return pool.pop() ?? Buffer.allocUnsafeSlow(CHUNK);
}

async function readFully(
  fd: number,
  buffer: Buffer,
  length: number,
  position: number,
): Promise<Buffer> {
  let filled = 0;
  while (filled < length) {
    const count = await readAt(fd, buffer, filled, length - filled, position + filled).catch(
      (error: unknown) => {
        throw fileError(error, "read the object");
      },
    );
    if (count === 0) {
      throw new ImageError("damaged", `the data ends ${length - filled} bytes too early`, {
        offset: position + filled,
      });
    }
    filled += count;
  }
  return length === buffer.length ? buffer : buffer.subarray(0, length);
}
