import { randomUUID } from "node:crypto";
import { type FileHandle, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { ByteSink } from "@wharf/image";

import { systemCode, TransportError } from "./transport-error.ts";

/**
 * Writes a file that appears under its name when it is complete and on disk, replacing what was there; after an error
 * nothing has changed. What is no regular file (a device, a pipe) is written to as it is.
 *
 * @param write gets the sink; what it returns is returned
 * @throws {TransportError} `output` when there is no space, no permission, no folder
 */
export async function outputFile<T>(
  path: string,
  write: (sink: ByteSink) => Promise<T>,
): Promise<T> {
  const existing = await stat(path).catch(() => undefined);
  if (existing !== undefined && !existing.isFile()) return await writeInto(path, write);
  // A symbolic link stays: its target is replaced.
  const target = existing === undefined ? path : await realpath(path);
  return await replace(target, existing?.mode, write);
}

async function writeInto<T>(path: string, write: (sink: ByteSink) => Promise<T>): Promise<T> {
  await using file = await explained(path, open(path, "w"));
  return await write((chunk) => explained(path, writeAll(file, chunk)));
}

async function replace<T>(
  path: string,
  mode: number | undefined,
  write: (sink: ByteSink) => Promise<T>,
): Promise<T> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}`);
  const file = await explained(path, open(temporary, "wx"));
  let result: T;
  try {
    try {
      if (mode !== undefined) await file.chmod(mode & 0o7777);
      const syncing = new SyncAhead(file);
      result = await write(async (chunk) => {
        await explained(path, writeAll(file, chunk));
        syncing.wrote(chunk.length);
      });
      await explained(path, syncing.finish());
    } finally {
      await file.close();
    }
    await explained(path, rename(temporary, path));
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
  return result;
}

/** Bytes after which the disk is set to work. */
const SYNC_STEP = 32 * 2 ** 20;

/** Brings a file to the disk while it is still being written, so that little is left to wait for at the end. */
class SyncAhead {
  readonly #file: FileHandle;
  #unsynced = 0;
  #syncing: Promise<void> | undefined;
  #error: unknown;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  wrote(bytes: number): void {
    this.#unsynced += bytes;
    if (this.#unsynced < SYNC_STEP || this.#syncing !== undefined) return;
    this.#unsynced = 0;
    this.#syncing = this.#file
      .datasync()
      .catch((error: unknown) => {
        this.#error ??= error; // the system tells a failed write only once
      })
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  async finish(): Promise<void> {
    await this.#syncing;
    if (this.#error !== undefined) throw this.#error;
    await this.#file.sync();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done);
    done += bytesWritten;
  }
}

/** Makes the rename durable; a file system that knows no such thing says so by an error. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync().catch(() => {});
}

const REASONS: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  ENOSPC: ["no space is left for it", "free some space, or choose another disk"],
  EDQUOT: ["the quota is used up", "free some space, or choose another disk"],
  EFBIG: ["the file system takes no file of this size", "choose another disk"],
  ENOENT: ["its folder does not exist", "make the folder first"],
  ENOTDIR: ["its folder is no folder", "check the path"],
  EISDIR: ["it is a folder", "write oci:DIR for an OCI layout in a folder"],
  EACCES: ["permission denied", "choose another folder, or change its permissions"],
  EPERM: ["permission denied", "choose another folder, or change its permissions"],
  EROFS: ["the file system is read-only", "choose another folder"],
};

/** Errors of the file itself, in words; those of the image on its way say themselves what went wrong. */
async function explained<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    const [message, hint] = REASONS[systemCode(error) ?? ""] ?? [];
    if (message === undefined || hint === undefined) throw error;
    throw new TransportError("output", `${path} cannot be written: ${message}`, {
      hint,
      cause: error,
    });
  }
}
