import { compressionOf } from "../compression/compression.ts";
import { releaseChunk } from "../compression/decoder-stream.ts";
import { ImageError, withPlace } from "../image-error.ts";
import type { ByteSource } from "../source/byte-source.ts";
import type { Bell } from "./bell.ts";
import { ByteQueue } from "./byte-queue.ts";
import { neededChunks } from "./needed-chunks.ts";
import type { PlacedChunk } from "./needed-chunks.ts";
import type { NeededLayer } from "./needed-ranges.ts";
import { placedReader, rangeReader } from "./range-reader.ts";
import type { RangeReader } from "./range-reader.ts";

/** What readers that run ahead of each other share. */
export interface AheadState {
  /** Rung when bytes came, were taken, or the current layer is another one. */
  readonly bell: Bell;
  /** Whether a layer may hold more, given what it holds already. */
  hasRoom(layer: number, held: number): boolean;
  /** Told of bytes that came or, negative, went. */
  onHeld(bytes: number): void;
}

/**
 * Reads a layer forwards, ahead of whoever takes the bytes, and keeps only those that are needed. Stops behind the last
 * of them. A plain layer in a file is read when its turn comes.
 */
export class AheadReader implements Pick<RangeReader, "read"> {
  readonly #blob: ByteSource;
  readonly #needed: NeededLayer;
  readonly #state: AheadState;
  readonly #queue = new ByteQueue();
  #direct: RangeReader | undefined;
  #hasEnded = false;
  #error: unknown;
  /** The range that is waited for. */
  #row = 0;

  constructor(blob: ByteSource, needed: NeededLayer, state: AheadState) {
    this.#blob = blob;
    this.#needed = needed;
    this.#state = state;
  }

  /** Settles when the layer is read as far as needed; never rejects, {@link read} tells the error. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      signal.throwIfAborted();
      const kind = await compressionOf(this.#blob);
      if (kind === "none" && this.#blob.slice !== undefined) {
        this.#direct = placedReader(rangeReader(this.#blob), this.#needed.layer);
        return;
      }
      const chunks = neededChunks(this.#blob, kind, this.#needed, signal);
      for await (const chunk of chunks) {
        this.#keep(chunk, kind !== "none");
        if (this.#row >= this.#needed.starts.length) return;
        while (!this.#state.hasRoom(this.#needed.layer, this.#queue.length)) {
          await this.#state.bell.heard();
          signal.throwIfAborted();
        }
      }
      throw new ImageError("damaged", "the layer ends too early");
    } catch (error) {
      this.#error = withPlace(error, { layer: this.#needed.layer + 1 });
    } finally {
      this.#hasEnded = true;
      this.#state.bell.ring();
    }
  }

  async read(start: number, target: Buffer): Promise<void> {
    let done = 0;
    while (done < target.length) {
      const taken = this.#queue.take(target.subarray(done));
      if (taken > 0) {
        done += taken;
        this.#state.onHeld(-taken);
        this.#state.bell.ring();
      } else if (!this.#hasEnded) await this.#state.bell.heard();
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#direct !== undefined) return this.#direct.read(start, target);
      else throw new RangeError("more of a layer is read than was said to be needed");
    }
  }

  /** @param isOwned whether the chunk stays as it is when the next one is asked for */
  #keep(chunk: PlacedChunk, isOwned: boolean): void {
    const pieces = this.#piecesOf(chunk);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const [first] = pieces;
    if (
      isOwned &&
      pieces.length === 1 &&
      first !== undefined &&
      4 * length > 3 * chunk.bytes.length
    )
      this.#queue.push(first, chunk.bytes);
    else {
      if (length > 0) this.#queue.push(Buffer.concat(pieces, length));
      if (isOwned) releaseChunk(chunk.bytes);
    }
    if (length === 0) return;
    this.#state.onHeld(length);
    this.#state.bell.ring();
  }

  #piecesOf({ position, bytes }: PlacedChunk): Uint8Array[] {
    const { starts, ends } = this.#needed;
    const pieces: Uint8Array[] = [];
    for (; this.#row < starts.length; this.#row++) {
      const start = (starts[this.#row] ?? 0) - position;
      const end = (ends[this.#row] ?? 0) - position;
      if (start >= bytes.length) break;
      pieces.push(bytes.subarray(Math.max(0, start), end));
      if (end > bytes.length) break;
    }
    return pieces;
  }
}
