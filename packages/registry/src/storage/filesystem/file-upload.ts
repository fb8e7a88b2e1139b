import { randomBytes } from "node:crypto";
import { constants, copyFile } from "node:fs/promises";
import { dirname } from "node:path";

import { StorageError } from "../blob-store.ts";
import type { UploadWriter } from "../blob-store.ts";
import type { DurableFolders } from "./durable-folders.ts";
import { isAbsence, unlessAbsent, writeError } from "./file-error.ts";
import type { FolderLayout } from "./folder-layout.ts";
import { freeChunk } from "./free-chunk.ts";
import { PositionalWriter } from "./positional-writer.ts";
import { readRange } from "./read-range.ts";
import { closeFile, fileStatus, openFile, truncateFile, unlinkFile } from "./system-calls.ts";

/**
 * An upload is a file that grows under `uploads/`. Its state is the number of bytes that are durable, the file they are
 * in, and the one before, which may go as soon as the state was recorded.
 *
 * Every writer has a file of its own, and one that continues begins with a copy: a writer that was given up somewhere,
 * perhaps in another process, still holds its file, and must never write into what another has made an object of.
 */
export class FileUpload implements UploadWriter {
  readonly #layout: FolderLayout;
  readonly #folders: DurableFolders;
  readonly #file: UploadFile;
  readonly #fd: number;
  readonly #writer: PositionalWriter;
  /** Undefined until something was made durable. */
  #durable: number | undefined;
  /** Nothing is cut off any more, whatever fails. */
  #isObject = false;
  #phase: "open" | "read back" | "failed" | "closed" = "open";

  private constructor(
    layout: FolderLayout,
    folders: DurableFolders,
    file: UploadFile,
    fd: number,
    size: number,
  ) {
    this.#layout = layout;
    this.#folders = folders;
    this.#file = file;
    this.#fd = fd;
    this.#writer = new PositionalWriter(fd, size, freeChunk);
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
    const turn = randomBytes(8).toString("hex");
    const path = layout.uploadPath(id, turn);
    const before = state === undefined ? undefined : parseState(state);
    try {
      if (before === undefined) {
        const fd = await openFile(path, "wx+", 0o600);
        return new FileUpload(layout, folders, { path, turn, before: undefined }, fd, 0);
      }
      const from = layout.uploadPath(id, before.turn);
      const fd = await copyBeginning(from, path, before.size);
      // The state tells of `from`, so what came before it is needed by nobody.
      if (before.older !== undefined) {
        await unlinkFile(layout.uploadPath(id, before.older)).catch(unlessAbsent);
      }
      const file = { path, turn, before: { path: from, turn: before.turn } };
      return new FileUpload(layout, folders, file, fd, before.size);
    } catch (error) {
      if (before !== undefined && isAbsence(error)) throw gone(error);
      throw writeError(error, "open the upload");
    }
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
      if (this.#durable === undefined) await this.#folders.sync(this.#layout.uploads);
      this.#durable = this.size;
      const { turn, before } = this.#file;
      return [this.#durable, turn, ...(before === undefined ? [] : [before.turn])].join(".");
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
      await this.#folders.rename(this.#file.path, target);
      this.#isObject = true;
      await this.#folders.sync(folder);
      if (this.#file.before !== undefined) {
        await unlinkFile(this.#file.before.path).catch(unlessAbsent);
      }
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
      if (this.#durable === undefined) await unlinkFile(this.#file.path);
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

/** Where a writer writes, and the file it has continued. */
interface UploadFile {
  readonly path: string;
  readonly turn: string;
  readonly before: { readonly path: string; readonly turn: string } | undefined;
}

/**
 * A new file with the first bytes of another, as a reflink where the file system can. Bytes behind the state were never
 * promised to be whole.
 */
async function copyBeginning(from: string, to: string, size: number): Promise<number> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const fd = await openFile(to, "r+");
  try {
    const status = await fileStatus(fd);
    if (status.size < size) throw gone();
    if (status.size > size) await truncateFile(fd, size);
    return fd;
  } catch (error) {
    await closeFile(fd);
    await unlinkFile(to).catch(unlessAbsent);
    throw error;
  }
}

function parseState(state: string): { size: number; turn: string; older: string | undefined } {
  const match = /^(\d{1,16})\.([0-9a-f]{16})(?:\.([0-9a-f]{16}))?$/.exec(state);
  const size = Number(match?.[1]);
  const turn = match?.[2];
  if (turn === undefined || !Number.isSafeInteger(size)) throw gone();
  return { size, turn, older: match?.[3] };
}

function gone(cause?: unknown): StorageError {
  return new StorageError("not-found", "what the upload stored is gone", cause);
}
