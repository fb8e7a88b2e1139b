import type { ByteSink } from "../source/byte-source.ts";
import { archiveEnd, directoryMember, fileHead, filePadding } from "./archive-member.ts";
import { exactLength } from "./exact-length.ts";

/** Writes an image archive member by member. */
export class ArchiveWriter {
  readonly #sink: ByteSink;
  readonly #signal: AbortSignal | undefined;
  #size = 0;

  constructor(sink: ByteSink, signal: AbortSignal | undefined) {
    this.#sink = sink;
    this.#signal = signal;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  async directory(name: string): Promise<void> {
    await this.#write(directoryMember(name));
  }

  async bytes(name: string, data: Uint8Array): Promise<void> {
    await this.file(name, data.length, (sink) => sink(data));
  }

  /**
   * Writes a file whose length is known.
   *
   * @param produce writes exactly `size` bytes; anything else fails
   */
  async file(
    name: string,
    size: number,
    produce: (sink: ByteSink) => Promise<void>,
  ): Promise<void> {
    await this.#write(fileHead(name, size));
    await exactLength(name, size, produce, (chunk) => this.#write(chunk));
    const padding = filePadding(size);
    if (padding.length > 0) await this.#write(padding);
  }

  async end(): Promise<void> {
    await this.#write(archiveEnd());
  }

  async #write(chunk: Uint8Array): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.#sink(chunk);
    this.#size += chunk.length;
  }
}
