import { zstdDecompressSync } from "node:zlib";

import { ImageError } from "../image-error.ts";

/** Most that the decoder is given at once, before it is known that so much will come. */
const FIRST_OUTPUT = 16 * 2 ** 20;

/**
 * Takes fields from bytes of a stranger, one after the other, and never from behind their end. Numbers are
 * little-endian, as on all machines that the pinned Node is built for.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #position = 0;

  /** @param what what the bytes are, for messages */
  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Bytes not taken yet. */
  get left(): number {
    return this.#bytes.length - this.#position;
  }

  u32(): number {
    return this.#take(4).readUInt32LE(0);
  }

  /** A number of bytes or a position: up to 2^53 - 1. */
  size(): number {
    const field = this.#take(8);
    const value = field.readUInt32LE(0) + field.readUInt32LE(4) * 2 ** 32;
    if (!Number.isSafeInteger(value)) this.fail(`a size of ${value} bytes`);
    return value;
  }

  /** A column of its own. */
  u32s(count: number): Uint32Array {
    const column = new Uint32Array(count);
    this.#take(4 * count).copy(new Uint8Array(column.buffer));
    return column;
  }

  /** A column of its own. */
  u8s(count: number): Uint8Array {
    const column = new Uint8Array(count);
    this.#take(count).copy(column);
    return column;
  }

  /** A view. */
  bytes(length: number): Uint8Array {
    const { buffer, byteOffset } = this.#take(length);
    return new Uint8Array(buffer, byteOffset, length);
  }

  /** A length, then so many bytes. */
  text(encoding: "utf8" | "latin1"): string {
    return this.#take(this.u32()).toString(encoding);
  }

  /**
   * A length, then a zstd frame of so many bytes.
   *
   * @param length what it must expand to, in bytes
   */
  packed(length: number): ByteReader {
    const frame = this.#take(this.u32());
    return new ByteReader(this.#expand(frame, length), this.#what);
  }

  /** @throws {ImageError} `damaged` when something is left */
  end(): void {
    if (this.left > 0) this.fail(`${this.left} bytes too many`);
  }

  /** @throws {ImageError} `damaged`, always */
  fail(reason: string): never {
    throw new ImageError("damaged", `${this.#what} is corrupt: ${reason}`);
  }

  #expand(frame: Buffer, length: number): Buffer {
    let bytes: Buffer;
    try {
      bytes = zstdDecompressSync(frame, {
        maxOutputLength: Math.max(1, length),
        chunkSize: Math.max(64, Math.min(length, FIRST_OUTPUT)),
      });
    } catch (error) {
      return this.fail(error instanceof Error ? error.message : String(error));
    }
    if (bytes.length !== length) this.fail(`${bytes.length} bytes instead of ${length}`);
    return bytes;
  }

  #take(length: number): Buffer {
    if (length > this.left) this.fail(`it ends ${length - this.left} bytes too early`);
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }
}
