import type { ByteSource } from "../source/byte-source.ts";
import { fileSource } from "../source/file-source.ts";
import { ImageError } from "../image-error.ts";

/** A stretch of a source as a source of its own. It must lie within the source. */
export function sourcePart(source: ByteSource, offset: number, size: number): ByteSource {
  if (source.slice !== undefined) {
    return fileSource({ fd: source.slice.fd, offset: source.slice.offset + offset, size });
  }
  return { size, stream: (start = 0, end = size) => source.stream(offset + start, offset + end) };
}

/**
 * Bytes of a source that fit into memory.
 *
 * @throws {ImageError} `damaged` when the source has fewer
 */
export async function readBytes(source: ByteSource, start: number, end: number): Promise<Buffer> {
  const result = Buffer.alloc(end - start);
  let filled = 0;
  for await (const chunk of source.stream(start, end)) {
    result.set(chunk.subarray(0, result.length - filled), filled);
    filled += Math.min(chunk.length, result.length - filled);
  }
  if (filled < result.length) {
    throw new ImageError("damaged", `the input ends ${result.length - filled} bytes too early`, {
      offset: start + filled,
    });
  }
  return result;
}

/** All bytes of a small file; more than `maximum` are an {@link ImageError} `limit`. */
export async function readWhole(
  source: ByteSource,
  maximum: number,
  what: string,
): Promise<Buffer> {
  if (source.size > maximum) {
    throw new ImageError("limit", `${what} has ${source.size} bytes, at most ${maximum} are read`);
  }
  return readBytes(source, 0, source.size);
}
