import { crc32 } from "node:zlib";

import { ImageError } from "../image-error.ts";
import { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** What a stored document is: told by its first bytes. */
export interface DocumentKind {
  /** Eight ASCII characters. */
  readonly magic: string;
  readonly version: number;
  /** For messages, such as `the layer index`. */
  readonly what: string;
}

/** Magic, version and CRC-32 of everything behind them. */
const HEAD = 16;

/** Puts a document together: its kind, a checksum, its content. */
export function sealBytes(kind: DocumentKind, content: ByteWriter): Uint8Array {
  const head = Buffer.alloc(HEAD);
  head.write(kind.magic, 0, 8, "latin1");
  head.writeUInt32LE(kind.version, 8);
  head.writeUInt32LE(content.checksum(), 12);
  return content.bytes(head);
}

/**
 * Opens a document.
 *
 * @returns its content; what is read of it may be a view of `bytes`
 * @throws {ImageError} `damaged` when it is not of this kind or was changed, `unsupported` for another version
 */
export function unsealBytes(kind: DocumentKind, bytes: Uint8Array): ByteReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.length < HEAD || buffer.toString("latin1", 0, 8) !== kind.magic)
    throw new ImageError("damaged", `${kind.what} is none`);
  const version = buffer.readUInt32LE(8);
  if (version !== kind.version) {
    throw new ImageError(
      "unsupported",
      `${kind.what} has version ${version}, only version ${kind.version} is known`,
    );
  }
  const rest = buffer.subarray(HEAD);
  if (crc32(rest) !== buffer.readUInt32LE(12))
    throw new ImageError("damaged", `${kind.what} was changed: its checksum is wrong`);
  return new ByteReader(rest, kind.what);
}
