import { access, constants, lstat, mkdir, opendir, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import type { BlobStore, ObjectEntry, StoredObject, UploadWriter } from "../blob-store.ts";
import { checkPrefix, checkUploadId } from "../key-syntax.ts";
import { DurableFolders, syncFolder } from "./durable-folders.ts";
import { fileError, isAbsence, unlessAbsent, writeError } from "./file-error.ts";
import { FileUpload } from "./file-upload.ts";
import { FolderLayout } from "./folder-layout.ts";
import { PositionalWriter } from "./positional-writer.ts";
import { StoredFile } from "./stored-file.ts";
import { closeFile, openFile, unlinkFile } from "./system-calls.ts";
import { walkObjects } from "./walk-objects.ts";

/**
 * Opens a store in a folder, which is made unless it is there. Several processes may use one folder at a time.
 *
 * @throws {StorageError} `unavailable` when the folder cannot be made, read or written
 */
export async function openFilesystemStore(folder: string): Promise<BlobStore> {
  const layout = new FolderLayout(resolve(folder));
  try {
    const first = await mkdir(layout.root, { recursive: true, mode: 0o700 });
    if (first !== undefined) await syncUpTo(dirname(first), layout.root);
    await access(layout.root, constants.R_OK | constants.W_OK | constants.X_OK);
    const folders = new DurableFolders(layout.root);
    await folders.make(layout.uploads);
    return new FilesystemStore(layout, folders);
  } catch (error) {
    throw writeError(error, `use ${layout.root} as a blob store`);
  }
}

/** Makes the names of folders that were made one in another durable. */
async function syncUpTo(top: string, bottom: string): Promise<void> {
  for (let folder = bottom; folder !== top; folder = dirname(folder))
    await syncFolder(dirname(folder));
}

class FilesystemStore implements BlobStore {
  readonly #layout: FolderLayout;
  readonly #folders: DurableFolders;

  constructor(layout: FolderLayout, folders: DurableFolders) {
    this.#layout = layout;
    this.#folders = folders;
  }

  async open(key: string): Promise<StoredObject> {
    return await StoredFile.open(this.#layout.objectPath(key), key);
  }

  async stat(key: string): Promise<number | undefined> {
    try {
      const status = await lstat(this.#layout.objectPath(key));
      return status.isFile() ? status.size : undefined;
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw fileError(error, `look for ${key}`);
    }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#layout.objectPath(key);
    const folder = dirname(path);
    const temporary = this.#layout.temporaryPath();
    try {
      await this.#folders.make(folder);
      await writeFile(temporary, bytes);
      await this.#folders.rename(temporary, path);
      await this.#folders.sync(folder);
    } catch (error) {
      await unlinkFile(temporary).catch(() => undefined); // the first error tells more
      throw writeError(error, `store ${key}`);
    }
  }

  async delete(key: string): Promise<void> {
    await this.#remove(this.#layout.objectPath(key), `delete ${key}`);
  }

  list(prefix: string): AsyncIterable<ObjectEntry> {
    checkPrefix(prefix);
    return walkObjects(this.#layout, prefix);
  }

  async openUpload(id: string, state: string | undefined): Promise<UploadWriter> {
    return await FileUpload.open(this.#layout, this.#folders, id, state);
  }

  async discardUpload(id: string): Promise<void> {
    checkUploadId(id);
    for await (const { name } of await opendir(this.#layout.uploads)) {
      if (this.#layout.uploadOf(name) !== id) continue;
      await this.#remove(join(this.#layout.uploads, name), "discard the upload");
    }
  }

  async *listUploads(): AsyncGenerator<{ id: string; bytes: number; changedAt: number }> {
    for await (const { name } of await opendir(this.#layout.uploads)) {
      const id = this.#layout.uploadOf(name);
      if (id === undefined) continue;
      const status = await lstat(join(this.#layout.uploads, name)).catch(unlessAbsent);
      if (status !== undefined) yield { id, bytes: status.size, changedAt: status.ctimeMs };
    }
  }

  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#layout.root);
    return bavail * bsize;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held open between calls.
  }

  async #remove(path: string, doing: string): Promise<void> {
    await unlinkFile(path).catch((error: unknown) => {
      if (!isAbsence(error)) throw fileError(error, doing);
    });
  }
}

async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  const fd = await openFile(path, "wx", 0o600);
  const writer = new PositionalWriter(fd, 0);
  try {
    await writer.write(bytes);
    await writer.sync();
  } finally {
    await writer.settle();
    await closeFile(fd);
  }
}
