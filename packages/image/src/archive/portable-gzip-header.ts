import type { ByteSink } from "../source/byte-source.ts";

/** Offset of the byte that names the operating system (RFC 1952, 2.3). */
const OS = 9;
/** "unknown" */
const UNKNOWN_OS = 255;

/** zlib writes into the gzip header on which system it runs; without that the bytes are the same on all of them. Changes the chunk. */
export function portableGzipHeader(sink: ByteSink): ByteSink {
  let position = 0;
  return async (chunk) => {
    const at = OS - position;
    position += chunk.length;
    if (at >= 0 && at < chunk.length) chunk[at] = UNKNOWN_OS;
    await sink(chunk);
  };
}
