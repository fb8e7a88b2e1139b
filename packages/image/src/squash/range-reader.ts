import type { ByteSource } from "../source/byte-source.ts";
import { checkEnd, readFully } from "../source/file-source.ts";
import { ImageError, withPlace } from "../image-error.ts";

/** Ranges shorter than this are read through a window, so that neighbours share a system call. */
const DIRECT = 128 * 1024;
const WINDOW = 256 * 1024;

/** Reads ascending ranges of a source into buffers. */
export interface RangeReader extends AsyncDisposable {
  /** Fills `target` with the bytes from `start` on. Ranges of one reader ascend and do not overlap. */
  read(start: number, target: Buffer): Promise<void>;
}

/** The fastest reader for a source: positional reads where its bytes lie in a file, one forward stream elsewhere. */
export function rangeReader(source: ByteSource): RangeReader {
  return source.slice === undefined ? new StreamReader(source) : new FileReader(source.slice);
}

/** The same reader, whose errors name the layer; layers are counted from 0. */
export function placedReader(reader: RangeReader, layer: number): RangeReader {
  return {
    async read(start, target) {
      try {
        await reader.read(start, target);
      } catch (error) {
        throw withPlace(error, { layer: layer + 1 });
      }
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

class FileReader implements RangeReader {
  readonly #slice: NonNullable<ByteSource["slice"]>;
  #window: Buffer | undefined;
  #windowStart = 0;
  #windowEnd = 0;

  constructor(slice: NonNullable<ByteSource["slice"]>) {
    this.#slice = slice;
  }

  async read(start: number, target: Buffer): Promise<void> {
    checkEnd(this.#slice, start + target.length);
    let done = 0;
    while (done < target.length) {
      const position = start + done;
      if (
        position >= this.#windowStart &&
        position < this.#windowEnd &&
        this.#window !== undefined
      ) {
        done += this.#window.copy(
          target,
          done,
          position - this.#windowStart,
          this.#windowEnd - this.#windowStart,
        );
      } else if (target.length - done >= DIRECT) {
        const rest = target.subarray(done);
        await readFully(this.#slice.fd, rest, rest.length, this.#slice.offset + position);
        return;
      } else await this.#load(position);
    }
  }

  async #load(position: number): Promise<void> {
    this.#window ??= Buffer.allocUnsafeSlow(WINDOW);
    const length = Math.min(WINDOW, this.#slice.size - position);
    await readFully(this.#slice.fd, this.#window, length, this.#slice.offset + position);
    this.#windowStart = position;
    this.#windowEnd = position + length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#window = undefined;
  }
}

class StreamReader implements RangeReader {
  readonly #source: ByteSource;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #chunk: Uint8Array = new Uint8Array();
  /** Position in the source of the first byte of the chunk. */
  #chunkStart = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async read(start: number, target: Buffer): Promise<void> {
    if (this.#iterator === undefined) {
      this.#iterator = this.#source.stream(start)[Symbol.asyncIterator]();
      this.#chunkStart = start;
    }
    let done = 0;
    while (done < target.length) {
      const position = start + done;
      const offset = position - this.#chunkStart;
      if (offset < this.#chunk.length) {
        const piece = this.#chunk.subarray(offset, offset + target.length - done);
        target.set(piece, done);
        done += piece.length;
      } else await this.#next(position);
    }
  }

  async #next(position: number): Promise<void> {
    this.#chunkStart += this.#chunk.length;
    const next = await this.#iterator?.next();
    if (next === undefined || next.done === true)
      throw new ImageError("damaged", "the layer ends too early", { offset: position });
    this.#chunk = next.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#iterator?.return?.();
  }
}
