import type { Transform } from "node:stream";
import { constants, createGzip, createZstdCompress } from "node:zlib";

import type { ByteSink } from "../source/byte-source.ts";
import type { LayerCompression } from "./compression.ts";

/** Output buffer of the encoders in bytes. */
const CHUNK = 256 * 1024;

/** A sink that compresses what it is given, and the promise to call when all has been given. */
export interface Compressor {
  readonly write: ByteSink;
  /** Writes what is left; afterwards nothing may be written. */
  end(): Promise<void>;
  /** Frees the encoder when the data will not be completed. */
  abort(): void;
}

/**
 * Compresses towards a sink. The same bytes and level give the same output with the same version of zlib or zstd;
 * gzip headers carry no time and no name.
 */
export function compressor(compression: LayerCompression, sink: ByteSink): Compressor {
  if (compression.kind === "none")
    return { write: sink, end: async () => undefined, abort: () => undefined };
  const stream: Transform =
    compression.kind === "gzip"
      ? createGzip({ level: compression.level, chunkSize: CHUNK })
      : createZstdCompress({
          chunkSize: CHUNK,
          params: {
            [constants.ZSTD_c_compressionLevel]: compression.level,
            [constants.ZSTD_c_checksumFlag]: 1,
          },
        });
  const draining = drainInto(stream, sink);
  draining.catch((error: unknown) =>
    stream.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return {
    async write(chunk) {
      const written = new Promise<void>((resolve, reject) =>
        stream.write(chunk, (error) => (error ? reject(error) : resolve())),
      );
      await Promise.race([written, draining.then(() => written)]);
    },
    async end() {
      stream.end();
      await draining;
    },
    abort: () => void stream.destroy(),
  };
}

async function drainInto(stream: Transform, sink: ByteSink): Promise<void> {
  for await (const chunk of stream as AsyncIterable<Uint8Array>) await sink(chunk);
}
