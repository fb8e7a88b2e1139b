import { close, ftruncate, open, unlink, write } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { ByteSource } from "./byte-source.ts";
import { fileSource } from "./file-source.ts";

const openFile = promisify(open);
const unlinkFile = promisify(unlink);
const closeFile = promisify(close);
const truncateFile: (fd: number, length: number) => Promise<void> = promisify(ftruncate);

/**
 * Bytes kept on disk between two passes. The file loses its name as soon as it is open, so nothing stays behind,
 * even after a crash.
 *
 * @example
 * await using spool = await Spool.create();
 * await spool.write(Buffer.from("abc"));
 * spool.source().size; // => 3
 */
export class Spool implements AsyncDisposable {
  readonly fd: number;
  #size = 0;

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** @param directory where the space is taken from; default the system's folder for temporary files */
  static async create(directory: string = tmpdir()): Promise<Spool> {
    const path = join(directory, `.wharf-spool-${randomUUID()}`);
    const fd = await openFile(path, "wx+", 0o600);
    try {
      await unlinkFile(path);
    } catch (error) {
      await closeFile(fd);
      throw error;
    }
    return new Spool(fd);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Appends a chunk, which may be reused afterwards. One call at a time. */
  async write(chunk: Uint8Array): Promise<void> {
    await writeFully(this.fd, chunk, this.#size);
    this.#size += chunk.length;
  }

  /**
   * The bytes written so far, valid until the spool is closed.
   *
   * @param size given when somebody else wrote to {@link fd}: how many bytes
   */
  source(size: number = this.#size): ByteSource {
    return fileSource({ fd: this.fd, offset: 0, size });
  }

  /** Gives the space back before the spool is closed. */
  async release(): Promise<void> {
    await truncateFile(this.fd, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeFile(this.fd);
  }
}

/** Writes all bytes at a position of a file. */
export async function writeFully(fd: number, chunk: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < chunk.length) {
    done += await writeSome(fd, chunk, done, position + done);
  }
}

function writeSome(
  fd: number,
  chunk: Uint8Array,
  offset: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, chunk, offset, chunk.length - offset, position, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });
}
