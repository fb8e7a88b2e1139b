import { read } from "node:fs";
import type { ByteSource, FileSlice } from "./byte-source.ts";
import { ImageError } from "../image-error.ts";

/** Bytes read at a time: large enough that the system call does not count, small enough to stay in cache. */
const CHUNK = 512 * 1024;

/**
 * The bytes of a stretch of an open file. Reading never moves the position of the descriptor, so any number of
 * readers may share it. The descriptor must stay open as long as the source is used.
 *
 * @example
 * import { open } from "node:fs/promises";
 *
 * await using file = await open("layer.tar.gz");
 * const { size } = await file.stat();
 * const source = fileSource({ fd: file.fd, offset: 0, size });
 * const [head] = await Array.fromAsync(source.stream(0, 2));
 * head?.toHex(); // => "1f8b"
 */
export function fileSource(slice: FileSlice): ByteSource {
  return {
    size: slice.size,
    slice,
    stream: (start = 0, end = slice.size) => readSlice(slice, start, end),
  };
}

/** Two buffers: the next one is filled while the consumer works on the one before. */
async function* readSlice(
  slice: FileSlice,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  checkEnd(slice, end);
  const length = Math.min(CHUNK, Math.max(0, end - start));
  const buffers = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const;
  let position = start;
  let turn = 0;
  const fill = (): Promise<Buffer> => {
    const buffer = buffers[turn++ % 2 === 0 ? 0 : 1];
    const from = position;
    position = Math.min(end, from + length);
    const filling = readFully(slice.fd, buffer, position - from, slice.offset + from);
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
  } finally {
    await next?.catch(() => undefined); // the buffer must not be written to after the reader has left
  }
}

/**
 * Behind a slice the file may go on with something else.
 *
 * @throws {ImageError} `damaged` when bytes behind the end of the slice are asked for
 */
export function checkEnd({ size }: FileSlice, end: number): void {
  if (end > size)
    throw new ImageError("damaged", `the data ends ${end - size} bytes too early`, {
      offset: size,
    });
}

/**
 * Reads exactly `length` bytes at a position of a file into the start of `buffer`.
 *
 * @returns the filled part of the buffer
 * @throws {ImageError} `damaged` when the file ends before
 */
export async function readFully(
  fd: number,
  buffer: Buffer,
  length: number,
  position: number,
): Promise<Buffer> {
  let filled = 0;
  while (filled < length) {
    const count = await readSome(fd, buffer, filled, length - filled, position + filled);
    if (count === 0) {
      throw new ImageError("damaged", `the file ends ${length - filled} bytes too early`, {
        offset: position + filled,
      });
    }
    filled += count;
  }
  return length === buffer.length ? buffer : buffer.subarray(0, length);
}

function readSome(
  fd: number,
  buffer: Buffer,
  offset: number,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, offset, length, position, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });
}
