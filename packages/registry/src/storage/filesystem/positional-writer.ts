import { syncData, writeAt } from "./system-calls.ts";

/** Bytes of one write: fewer calls, each still short. */
const GROUP = 1024 * 1024;
/** Chunks of one write: what Linux takes at once (IOV_MAX). */
const MAX_CHUNKS = 1024;
/** Writes under way. Each has its position: without one the order of two would be left to chance. */
const IN_FLIGHT = 2;
/** The disk starts on what was written after this many bytes, so that little is left for the sync at the end. */
const SYNC_EVERY = 32 * 1024 * 1024;

/** Appends chunks to an open file in large groups. Calls come one after the other. */
export class PositionalWriter {
  readonly #fd: number;
  readonly #written: (chunk: Uint8Array) => void;
  /** Where the next group begins. */
  #position: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  readonly #writes: Promise<void>[] = [];
  #sync: Promise<void> = Promise.resolve();
  #unsynced = 0;

  /**
   * @param position where the first byte goes
   * @param written told each chunk that is in the file
   */
  constructor(fd: number, position: number, written: (chunk: Uint8Array) => void = () => {}) {
    this.#fd = fd;
    this.#written = written;
    this.#position = position;
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#position + this.#bytes;
  }

  /** Takes a chunk, which must not change any more. Resolves when the next one may come. */
  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= GROUP || this.#chunks.length >= MAX_CHUNKS) await this.#send();
  }

  /** Writes what is left. Afterwards every byte taken is in the file. */
  async drain(): Promise<void> {
    if (this.#bytes > 0) await this.#send();
    await Promise.all(this.#writes);
    this.#writes.length = 0;
  }

  /** {@link drain}, and the bytes are durable. */
  async sync(): Promise<void> {
    await this.drain();
    await this.#sync;
    await syncData(this.#fd);
    this.#unsynced = 0;
  }

  /** Resolves when nothing uses the descriptor any more. Errors are not told: they were, or nobody wants to know. */
  async settle(): Promise<void> {
    this.#chunks = [];
    await Promise.allSettled([...this.#writes, this.#sync]);
  }

  async #send(): Promise<void> {
    if (this.#writes.length >= IN_FLIGHT) await this.#writes.shift();
    const write = this.#writeFully(this.#chunks, this.#position);
    write.catch(() => undefined); // told by the call that waits for it
    this.#writes.push(write);
    this.#position += this.#bytes;
    this.#unsynced += this.#bytes;
    this.#chunks = [];
    this.#bytes = 0;
    if (this.#unsynced >= SYNC_EVERY) await this.#syncEarly();
  }

  async #writeFully(chunks: readonly Uint8Array[], position: number): Promise<void> {
    let rest = chunks;
    let at = position;
    while (rest.length > 0) {
      const count = await writeAt(this.#fd, rest, at);
      at += count;
      rest = withoutFirst(rest, count);
    }
    chunks.forEach(this.#written);
  }

  async #syncEarly(): Promise<void> {
    await this.#sync; // a disk that cannot keep up slows the sender down
    this.#unsynced = 0;
    this.#sync = syncData(this.#fd);
    this.#sync.catch(() => undefined); // told by the next sync
  }
}

/** What is left of chunks after `count` bytes. */
function withoutFirst(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count;
  let index = 0;
  for (; index < chunks.length; index++) {
    const { length } = chunks[index] ?? { length: 0 };
    if (length > left) break;
    left -= length;
  }
  const [first, ...others] = chunks.slice(index);
  return first === undefined ? [] : [first.subarray(left), ...others];
}
