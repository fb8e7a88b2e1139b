import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

import type { ByteSource } from "../source/byte-source.ts";
import type { Compression } from "./compression.ts";
import { DECODER_CHUNK, DecoderFeed, asDamage, decode } from "./decoder-stream.ts";
import type { DecompressOptions } from "./decoder-stream.ts";
import { gunzipMembers } from "./gzip-members.ts";

/**
 * The plain bytes of a source. Reads several gzip members and zstd frames, and always to the end of the source.
 * A chunk may be reused once the next one is asked for.
 *
 * @throws {ImageError} `damaged` when the data is truncated or corrupt
 *
 * @example
 * import { open } from "node:fs/promises";
 *
 * await using file = await open("layer.tar.gz");
 * const { size } = await file.stat();
 * const source = fileSource({ fd: file.fd, offset: 0, size });
 * let plain = 0;
 * for await (const chunk of decompress(source, await compressionOf(source))) plain += chunk.length;
 * plain; // => 23040
 */
export async function* decompress(
  source: ByteSource,
  kind: Compression,
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  if (kind === "none") {
    for await (const chunk of source.stream()) {
      options.signal?.throwIfAborted();
      options.onStored?.(chunk);
      yield chunk;
    }
    return;
  }
  const feed = new DecoderFeed(source, options);
  let delivered = 0;
  try {
    for await (const chunk of decode(feed.chunks(), decoder(kind), feed)) {
      delivered += chunk.length;
      yield chunk;
    }
    await feed.drain();
  } catch (error) {
    if (kind === "gzip" && isWrongHeader(error)) {
      // Something that is no member follows a member. zlib has lost the last output by now, so members are read one
      // by one from the start.
      await feed.drain();
      yield* skipBytes(gunzipMembers(source, options), delivered);
      return;
    }
    throw asDamage(error, kind);
  } finally {
    await feed.close();
  }
  if (feed.unused > 0) options.onTrailingBytes?.(feed.unused);
}

function decoder(kind: "gzip" | "zstd"): Transform & { bytesWritten: number } {
  return kind === "gzip"
    ? createGunzip({ chunkSize: DECODER_CHUNK })
    : createZstdDecompress({ chunkSize: DECODER_CHUNK });
}

function isWrongHeader(error: unknown): boolean {
  return error instanceof Error && error.message === "incorrect header check";
}

async function* skipBytes(
  chunks: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of chunks) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield chunk.subarray(left);
      left = 0;
    }
  }
}
