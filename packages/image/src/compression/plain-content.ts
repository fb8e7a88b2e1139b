import { ImageError } from "../image-error.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { compressionOf } from "./compression.ts";
import { decompress } from "./decompress.ts";

/**
 * The uncompressed bytes of a stored layer as a source: the blob itself when it is plain, else a stream that inflates.
 * Starting in the middle inflates what comes before for nothing; nothing is read behind an earlier end.
 *
 * @param size uncompressed length in bytes, from the layer's index
 * @throws {ImageError} `damaged`, while it is read, when the data is corrupt or shorter
 *
 * @example
 * import { open } from "node:fs/promises";
 *
 * await using file = await open("layer.tar.gz");
 * const { size } = await file.stat();
 * const blob = fileSource({ fd: file.fd, offset: 0, size });
 * const content = await plainContent(blob, 23040);
 * const [chunk] = await Array.fromAsync(content.stream(257, 262));
 * Buffer.from(chunk ?? []).toString(); // => "ustar"
 */
export async function plainContent(blob: ByteSource, size: number): Promise<ByteSource> {
  const kind = await compressionOf(blob);
  if (kind === "none") {
    if (blob.size === size) return blob;
    throw new ImageError("damaged", `a layer has ${blob.size} bytes, expected ${size}`);
  }
  return {
    size,
    stream: (start = 0, end = size) => part(decompress(blob, kind), start, end, size),
  };
}

async function* part(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  end: number,
  size: number,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  if (start >= end) return;
  for await (const chunk of chunks) {
    const from = Math.max(0, start - position);
    const to = Math.min(chunk.length, end - position);
    position += chunk.length;
    if (from < to) yield chunk.subarray(from, to);
    if (position >= end && end < size) return; // the checksum stands behind the last byte
  }
  if (position !== size)
    throw new ImageError("damaged", `a layer has ${position} bytes, expected ${size}`);
}
