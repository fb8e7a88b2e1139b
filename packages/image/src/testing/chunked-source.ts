import type { ByteSource } from "../source/byte-source.ts";

/** How a {@link ChunkedSource} behaves. */
export interface ChunkedSourceOptions {
  /** Lengths of the chunks, over and over; default all bytes at once. */
  readonly sizes?: readonly number[];
  /** Thrown instead of the chunk that holds this byte. */
  readonly failAt?: number;
  readonly failure?: Error;
}

/**
 * For tests: bytes in memory, without a slice, that come in chunks of any size and remember what their reader did.
 * A chunk is overwritten once the next one is asked for, as the contract of `ByteSource` allows.
 */
export class ChunkedSource implements ByteSource {
  readonly size: number;
  /** Bytes handed out so far, by all streams. */
  handedOut = 0;
  /** Streams that were started, and those that ended or were let go. */
  opened = 0;
  closed = 0;
  readonly #bytes: Uint8Array;
  readonly #options: ChunkedSourceOptions;

  constructor(bytes: Uint8Array, options: ChunkedSourceOptions = {}) {
    this.#bytes = bytes;
    this.#options = options;
    this.size = bytes.length;
  }

  async *stream(start = 0, end = this.size): AsyncGenerator<Uint8Array> {
    const { sizes = [this.size], failAt = Infinity, failure } = this.#options;
    this.opened++;
    let chunk: Uint8Array = new Uint8Array();
    try {
      for (let at = start, turn = 0; at < end; turn++) {
        const length = Math.min(sizes[turn % sizes.length] ?? 1, end - at);
        if (at + length > failAt) throw failure ?? new Error("the source failed");
        chunk = Uint8Array.from(this.#bytes.subarray(at, at + length));
        at += length;
        this.handedOut += length;
        yield chunk;
        chunk.fill(0xaa);
      }
    } finally {
      this.closed++;
    }
  }
}
