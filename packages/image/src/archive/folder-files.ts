import { closeSync, constants, openSync } from "node:fs";
import { open, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

import type { ByteSource, FileSlice } from "../source/byte-source.ts";
import { cleanPath } from "../flatten/clean-path.ts";
import { fileSource } from "../source/file-source.ts";
import { ImageError } from "../image-error.ts";
import { quote } from "../document/quote.ts";
import type { ArchiveFiles } from "./archive-files.ts";
import { readWhole } from "./source-part.ts";

/** Never waits for the other end of a FIFO. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** An unpacked archive. Descriptors are opened when the bytes are asked for and closed with it. */
export class FolderFiles implements ArchiveFiles, AsyncDisposable {
  readonly what: string;
  readonly #root: string;
  readonly #open = new Set<number>();
  /** One source for each file, so that layers shared by many images share a descriptor. */
  readonly #sources = new Map<string, ByteSource>();
  #closed = false;

  private constructor(path: string, root: string) {
    this.what = `the folder ${quote(path)}`;
    this.#root = root;
  }

  static async open(path: string): Promise<FolderFiles> {
    return new FolderFiles(path, await realpath(path));
  }

  async find(name: string): Promise<ByteSource | undefined> {
    const path = await this.#locate(name);
    if (path === undefined) return undefined;
    const source = this.#sources.get(path) ?? this.#sourceOf(path, (await stat(path)).size);
    this.#sources.set(path, source);
    return source;
  }

  async read(name: string, maximum: number): Promise<Buffer | undefined> {
    const path = await this.#locate(name);
    if (path === undefined) return undefined;
    await using file = await open(path, OPEN_FLAGS);
    const { size } = await file.stat();
    return await readWhole(fileSource({ fd: file.fd, offset: 0, size }), maximum, quote(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const fd of this.#open) closeSync(fd);
    this.#open.clear();
  }

  /**
   * Blobs may be links to files elsewhere, as build systems lay them out: their digests are verified. All other files
   * must lie within the folder.
   */
  async #locate(name: string): Promise<string | undefined> {
    if (name.includes("\0")) return undefined;
    const path = join(this.#root, cleanPath(name));
    try {
      const real = await realpath(path);
      if (
        !name.startsWith("blobs/") &&
        !real.startsWith(this.#root.endsWith(sep) ? this.#root : this.#root + sep)
      ) {
        throw new ImageError(
          "damaged",
          `${quote(name)} in ${this.what} is a link to a file outside of it`,
        );
      }
      if (!(await stat(real)).isFile()) {
        throw new ImageError("damaged", `${quote(name)} in ${this.what} is no regular file`);
      }
      return real;
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (isLoop(error))
        throw new ImageError(
          "damaged",
          `the link ${quote(name)} in ${this.what} leads in a circle`,
        );
      throw error;
    }
  }

  #sourceOf(path: string, size: number): ByteSource {
    let slice: FileSlice | undefined;
    const opened = (): FileSlice => (slice ??= { fd: this.#openFile(path), offset: 0, size });
    return {
      size,
      get slice() {
        return opened();
      },
      stream: (start = 0, end = size) => fileSource(opened()).stream(start, end),
    };
  }

  #openFile(path: string): number {
    if (this.#closed) throw new Error(`${this.what} is closed`);
    const fd = openSync(path, OPEN_FLAGS);
    this.#open.add(fd);
    return fd;
  }
}

function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG";
}

function isLoop(error: unknown): boolean {
  return errorCode(error) === "ELOOP";
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
