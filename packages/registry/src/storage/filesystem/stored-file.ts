import { constants } from "node:fs";

import { ImageError } from "@wharf/image";
import type { FileSlice } from "@wharf/image";

import { StorageError } from "../blob-store.ts";
import type { StoredObject } from "../blob-store.ts";
import { fileError } from "./file-error.ts";
import { readRange } from "./read-range.ts";
import { closeFile, fileStatus, openFile } from "./system-calls.ts";

/** The driver makes no links, so it follows none. */
const READ_NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW;

/** An object's file, open for reading. Deleting the object does not disturb its readers. */
export class StoredFile implements StoredObject {
  readonly slice: FileSlice;
  #readers = 0;
  #disposed = false;

  private constructor(fd: number, size: number) {
    this.slice = { fd, offset: 0, size };
  }

  /** @throws {StorageError} `not-found` */
  static async open(path: string, key: string): Promise<StoredFile> {
    const fd = await openFile(path, READ_NO_LINK).catch((error: unknown) => {
      throw fileError(error, `open ${key}`);
    });
    try {
      const status = await fileStatus(fd);
      if (!status.isFile()) throw new StorageError("not-found", `cannot open ${key}: not found`);
      return new StoredFile(fd, status.size);
    } catch (error) {
      await closeFile(fd);
      throw fileError(error, `open ${key}`);
    }
  }

  get size(): number {
    return this.slice.size;
  }

  async *stream(start = 0, end: number = this.size): AsyncGenerator<Uint8Array> {
    if (this.#disposed) throw new TypeError("the object is closed");
    if (end > this.size) {
      throw new ImageError("damaged", `the data ends ${end - this.size} bytes too early`, {
        offset: this.size,
      });
    }
    this.#readers++;
    try {
      for await (const chunk of readRange(this.slice.fd, start, end)) {
        yield chunk;
        if (this.#disposed) throw new TypeError("the object was closed while it was read");
      }
    } finally {
      this.#readers--;
      if (this.#disposed) await this.#closeUnread();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#closeUnread();
  }

  /** A descriptor that is closed under a reader could be another file's when the reader goes on. The last one closes. */
  async #closeUnread(): Promise<void> {
    if (this.#readers === 0) await closeFile(this.slice.fd);
  }
}
