import { crc32, createInflateRaw } from "node:zlib";

import type { ByteSource } from "../source/byte-source.ts";
import { detectCompression } from "./compression.ts";
import { DECODER_CHUNK, DecoderFeed, asDamage, decode } from "./decoder-stream.ts";
import type { DecompressOptions } from "./decoder-stream.ts";
import { ImageError } from "../image-error.ts";

/** Reads gzip members one after the other (RFC 1952), so that it is known where the last one ends. */
export async function* gunzipMembers(
  source: ByteSource,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  while (position < source.size) {
    const head = await readHead(source, position);
    if (detectCompression(head) !== "gzip") {
      options.onTrailingBytes?.(source.size - position);
      return;
    }
    const start = position + gzipHeaderLength(head);
    const inflate = createInflateRaw({ chunkSize: DECODER_CHUNK });
    const feed = new DecoderFeed(
      { size: source.size - start, stream: () => source.stream(start) },
      { signal: options.signal },
    );
    let checksum = 0;
    let length = 0;
    try {
      for await (const chunk of decode(feed.chunks(), inflate, feed)) {
        checksum = crc32(chunk, checksum);
        length = (length + chunk.length) >>> 0;
        yield chunk;
      }
    } catch (error) {
      throw asDamage(error, "gzip");
    } finally {
      await feed.close();
    }
    const end = source.size - feed.unused;
    const trailer = await readHead(source, end, 8);
    if (trailer.length < 8) throw new ImageError("damaged", "gzip data is truncated");
    if (trailer.readUInt32LE(0) !== checksum || trailer.readUInt32LE(4) !== length) {
      throw new ImageError("damaged", "gzip data is corrupt: incorrect data check");
    }
    position = end + 8;
  }
}

async function readHead(source: ByteSource, position: number, length = 64 * 1024): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of source.stream(position, Math.min(source.size, position + length))) {
    parts.push(Buffer.from(chunk));
  }
  return Buffer.concat(parts);
}

/** Length of a member header with its optional fields (RFC 1952, 2.3). */
function gzipHeaderLength(head: Buffer): number {
  const flags = head[3] ?? 0;
  let length = 10;
  if ((flags & 4) !== 0) length += 2 + (head[length] ?? 0) + (head[length + 1] ?? 0) * 256;
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = head.indexOf(0, length);
    if (end < 0) throw new ImageError("damaged", "gzip data is corrupt: header field without end");
    length = end + 1;
  }
  if ((flags & 2) !== 0) length += 2;
  if (length > head.length) throw new ImageError("damaged", "gzip data is truncated");
  return length;
}
