import { releaseChunk } from "../compression/decoder-stream.ts";

interface Piece {
  readonly bytes: Uint8Array;
  /** Whose memory goes with the last byte of the piece. */
  readonly owner: Uint8Array | undefined;
}

/** Bytes that came earlier than they were wanted. */
export class ByteQueue {
  readonly #pieces: Piece[] = [];
  #first = 0;
  #offset = 0;
  #length = 0;

  /** Bytes in it. */
  get length(): number {
    return this.#length;
  }

  /** @param owner chunk whose memory may go once these bytes are taken */
  push(bytes: Uint8Array, owner?: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push({ bytes, owner });
    this.#length += bytes.length;
  }

  /** Moves bytes to the target. @returns how many */
  take(target: Buffer): number {
    let done = 0;
    while (done < target.length && this.#length > 0) {
      const piece = this.#pieces[this.#first];
      if (piece === undefined) break;
      const rest = piece.bytes.subarray(this.#offset, this.#offset + target.length - done);
      target.set(rest, done);
      done += rest.length;
      this.#offset += rest.length;
      this.#length -= rest.length;
      if (this.#offset === piece.bytes.length) this.#leave(piece);
    }
    return done;
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#first = 0;
    this.#offset = 0;
    this.#length = 0;
  }

  #leave({ owner }: Piece): void {
    if (owner !== undefined) releaseChunk(owner);
    this.#offset = 0;
    this.#first++;
    if (this.#first < 64) return;
    this.#pieces.splice(0, this.#first);
    this.#first = 0;
  }
}
