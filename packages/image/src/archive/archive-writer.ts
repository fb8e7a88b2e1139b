import type { ByteSink } from "../source/byte-source.ts";
import { TypeFlag } from "../tar/entry-type.ts";
import { BLOCK, paddedSize } from "../tar/tar-header.ts";
import { writeTarHeader } from "../tar/write-tar-header.ts";

/** Bytes of the two zero blocks at the end. */
const END = 2 * BLOCK;

/** Writes the outer tar of an image archive: owner 0, no times, so that equal content gives equal bytes. */
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
    await this.#write(writeTarHeader({ name: `${name}/`, type: TypeFlag.directory }));
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
    await this.#write(writeTarHeader({ name, size }));
    let written = 0;
    await produce(async (chunk) => {
      written += chunk.length;
      if (written > size) throw new Error(`${name} was announced with ${size} bytes and has more`);
      await this.#write(chunk);
    });
    if (written < size)
      throw new Error(`${name} was announced with ${size} bytes and has only ${written}`);
    const padding = paddedSize(size) - size;
    if (padding > 0) await this.#write(Buffer.alloc(padding));
  }

  async end(): Promise<void> {
    await this.#write(Buffer.alloc(END));
  }

  async #write(chunk: Uint8Array): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.#sink(chunk);
    this.#size += chunk.length;
  }
}

/** Bytes that a file takes up in the archive: header, data, padding. */
export function fileSize(name: string, size: number): number {
  return writeTarHeader({ name, size }).length + paddedSize(size);
}

/** Bytes of an archive whose files take up this much. */
export function archiveSize(files: number): number {
  return files + END;
}
