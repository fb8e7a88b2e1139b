import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

import { ImageError } from "../image-error.ts";

/** Raw bytes collected before a block is closed; about 128 headers. */
const BLOCK_BYTES = 64 * 1024;

/** Blocks kept uncompressed for reading; headers are mostly asked for in order. */
const CACHED_BLOCKS = 4;

/**
 * Raw tar headers of a layer, compressed in blocks: a million headers are half a gigabyte as they are, and about a
 * twentieth of that here. Frozen once it is sealed, then it may move between threads.
 */
export interface HeaderBlocks {
  /** One zstd frame for each block. */
  readonly frames: readonly Uint8Array[];
  /** Position of the first byte of each block in the sequence of all headers, and the total as last element. */
  readonly starts: Float64Array;
}

/** Collects raw headers. */
export class HeaderStoreWriter {
  #pending: Buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  #used = 0;
  #total = 0;
  readonly #frames: Uint8Array[] = [];
  readonly #starts: number[] = [0];

  /**
   * Appends the header blocks of one entry.
   *
   * @returns where they are, for {@link HeaderStoreReader.read}
   */
  append(bytes: Uint8Array): number {
    if (this.#used + bytes.length > this.#pending.length) this.#close(bytes.length);
    this.#pending.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#total += bytes.length;
    return this.#total - bytes.length;
  }

  seal(): HeaderBlocks {
    this.#close(0);
    return { frames: this.#frames, starts: Float64Array.from(this.#starts) };
  }

  /** Headers never lie across two blocks. */
  #close(room: number): void {
    if (this.#used > 0) {
      const frame = zstdCompressSync(this.#pending.subarray(0, this.#used), {
        params: { [constants.ZSTD_c_compressionLevel]: 1 },
      });
      this.#frames.push(Uint8Array.from(frame)); // a copy of its own size: the encoder's buffer is much larger
      this.#starts.push(this.#total);
      this.#used = 0;
    }
    if (room > this.#pending.length) this.#pending = Buffer.allocUnsafe(room);
  }
}

/** Reads raw headers back. */
export class HeaderStoreReader {
  readonly #blocks: HeaderBlocks;
  readonly #cache = new Map<number, Buffer>();

  constructor(blocks: HeaderBlocks) {
    this.#blocks = blocks;
  }

  /** The header blocks of one entry; the caller must not change them. */
  read(position: number, length: number): Buffer {
    const number = this.#blockAt(position);
    const start = position - (this.#blocks.starts[number] ?? 0);
    return this.#block(number).subarray(start, start + length);
  }

  #blockAt(position: number): number {
    const { starts } = this.#blocks;
    let low = 0;
    let high = starts.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #block(number: number): Buffer {
    const cached = this.#cache.get(number);
    if (cached !== undefined) return cached;
    const frame = this.#blocks.frames[number];
    if (frame === undefined) throw new RangeError(`no header block ${number}`);
    const block = this.#expand(number, frame);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size < CACHED_BLOCKS) break;
      this.#cache.delete(oldest);
    }
    this.#cache.set(number, block);
    return block;
  }

  /** A stored block may hold anything. */
  #expand(number: number, frame: Uint8Array): Buffer {
    const { starts } = this.#blocks;
    const length = (starts[number + 1] ?? 0) - (starts[number] ?? 0);
    try {
      const block = zstdDecompressSync(frame, {
        maxOutputLength: length,
        chunkSize: Math.max(64, length),
      });
      if (block.length === length) return block;
    } catch (cause) {
      throw new ImageError("damaged", "the stored headers of a layer are corrupt", { cause });
    }
    throw new ImageError("damaged", "the stored headers of a layer are cut short");
  }
}
