import { dirname } from "node:path";

import { StorageError } from "../blob-store.ts";
import type { UploadWriter } from "../blob-store.ts";
import type { DurableFolders } from "./durable-folders.ts";
import { isAbsence, isExistence, unlessAbsent, writeError } from "./file-error.ts";
import type { FolderLayout } from "./folder-layout.ts";
import { PositionalWriter } from "./positional-writer.ts";
import { readRange } from "./read-range.ts";
import { closeFile, fileStatus, openFile, truncateFile, unlinkFile } from "./system-calls.ts";

/** An upload is a file that grows under `uploads/`. Its state is the number of bytes that are durable. */
export class FileUpload implements UploadWriter {
  readonly #layout: FolderLayout;
  readonly #folders: DurableFolders;
  readonly #path: string;
  readonly #fd: number;
  readonly #writer: PositionalWriter;
  /** Undefined until the name is durable too. */
  #durable: number | undefined;
  /** Nothing is cut off any more, whatever fails. */
  #isObject = false;
  #phase: "open" | "read back" | "failed" | "closed" = "open";

  private constructor(
    layout: FolderLayout,
    folders: DurableFolders,
    path: string,
    fd: number,
    durable: number | undefined,
  ) {
    this.#layout = layout;
    this.#folders = folders;
    this.#path = path;
    this.#fd = fd;
    this.#durable = durable;
    this.#writer = new PositionalWriter(fd, durable ?? 0);
  }

  /**
   * @param state what an earlier writer's flush returned, undefined to begin anew
   * @throws {StorageError} `not-found` when fewer bytes are there than `state` tells of
   */
  static async open(
    layout: FolderLayout,
    folders: DurableFolders,
    id: string,
    state: string | undefined,
  ): Promise<FileUpload> {
    const path = layout.uploadPath(id);
    const durable = state === undefined ? undefined : parseState(state);
    const fd = await (durable === undefined ? createFile(path) : openFile(path, "r+")).catch(
      (error: unknown) => {
        if (durable !== undefined && isAbsence(error)) throw gone(error);
        throw writeError(error, "open the upload");
      },
    );
    try {
      if (durable !== undefined) await cutOff(fd, durable);
    } catch (error) {
      await closeFile(fd);
      throw writeError(error, "continue the upload");
    }
    return new FileUpload(layout, folders, path, fd, durable);
  }

  get size(): number {
    return this.#writer.position;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#expect("open");
    await this.#try("store the upload", () => this.#writer.write(chunk));
  }

  async flush(): Promise<string> {
    this.#expect("open");
    return await this.#try("store the upload", async () => {
      await this.#writer.sync();
      if (this.#durable === undefined) await this.#folders.sync(dirname(this.#path));
      this.#durable = this.size;
      return String(this.#durable);
    });
  }

  async *readBack(): AsyncGenerator<Uint8Array> {
    this.#expect("open", "read back");
    this.#phase = "read back";
    await this.#try("store the upload", () => this.#writer.drain());
    yield* readRange(this.#fd, 0, this.size);
  }

  async commit(key: string): Promise<void> {
    const target = this.#layout.objectPath(key);
    this.#expect("open", "read back");
    await this.#try("store the object", async () => {
      const folder = dirname(target);
      await this.#folders.make(folder);
      await this.#writer.sync();
      await this.#folders.rename(this.#path, target);
      this.#isObject = true;
      await this.#folders.sync(folder);
      this.#phase = "closed";
      await closeFile(this.#fd);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    await this.#writer.settle();
    try {
      await this.#dropRest();
    } finally {
      await closeFile(this.#fd);
    }
  }

  /** The space of what no flush has promised to keep is given back at once: the disk may be full. */
  async #dropRest(): Promise<void> {
    if (this.#isObject) return;
    try {
      // Also before the name goes: the space would stay taken as long as the file is open.
      if ((this.#durable ?? 0) < this.size) await truncateFile(this.#fd, this.#durable ?? 0);
      if (this.#durable !== undefined) return;
      const { nlink } = await fileStatus(this.#fd);
      if (nlink > 0) await unlinkFile(this.#path); // otherwise the name is another's already
    } catch (error) {
      if (!isAbsence(error)) throw writeError(error, "cut off the upload");
    }
  }

  #expect(...phases: readonly string[]): void {
    if (!phases.includes(this.#phase)) throw new TypeError(`the upload is ${this.#phase}`);
  }

  async #try<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#phase !== "closed") {
        this.#phase = "failed";
        await this.#writer.settle();
        await this.#dropRest().catch(() => undefined); // the first error tells more
      }
      throw writeError(error, doing);
    }
  }
}

/** Always a file of its own: a writer that was given up, wherever it is, writes to the one before. */
async function createFile(path: string): Promise<number> {
  try {
    return await openFile(path, "wx+", 0o600);
  } catch (error) {
    if (!isExistence(error)) throw error;
    await unlinkFile(path).catch(unlessAbsent);
    return await openFile(path, "wx+", 0o600);
  }
}

/** Bytes behind the state were never promised to be whole. */
async function cutOff(fd: number, size: number): Promise<void> {
  const status = await fileStatus(fd);
  if (status.size < size) throw gone();
  if (status.size > size) await truncateFile(fd, size);
}

function parseState(state: string): number {
  const size = /^\d{1,16}$/.test(state) ? Number(state) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw gone();
  return size;
}

function gone(cause?: unknown): StorageError {
  return new StorageError("not-found", "what the upload stored is gone", cause);
}
