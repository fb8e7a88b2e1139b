import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import type { ByteSink } from "../source/byte-source.ts";
import { algorithmOf } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";
import { quote } from "../document/quote.ts";
import { writeFully } from "../source/spool.ts";
import { blobFile } from "./blob-file.ts";
import { hashedTransfer } from "./hashed-transfer.ts";
import type { LayoutTarget, StoredBlob } from "./layout-target.ts";

/**
 * An OCI layout on its way to a folder. Everything is written beside it, flushed to disk, and appears under its name
 * all at once; when that does not happen, closing removes what was written.
 */
export class LayoutFolder implements LayoutTarget, AsyncDisposable {
  readonly #directory: string;
  readonly #temporary: string;
  #blobs = 0;
  #published = false;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#temporary = join(dirname(directory), `.${basename(directory)}.${randomUUID()}`);
  }

  /** @throws {ImageError} `invalid-request` when the folder exists and is not empty */
  static async create(path: string): Promise<LayoutFolder> {
    const directory = resolve(path);
    await refuseFull(directory);
    const folder = new LayoutFolder(directory);
    await mkdir(join(folder.#temporary, "blobs"), { recursive: true });
    return folder;
  }

  async file(name: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(this.#temporary, name), (sink) => sink(bytes));
  }

  async blob(
    produce: (sink: ByteSink) => Promise<void>,
    expected?: StoredBlob,
  ): Promise<StoredBlob> {
    const unnamed = join(this.#temporary, `blob-${++this.#blobs}`);
    const stored = await writeFile(unnamed, (sink) => hashedTransfer(produce, sink, expected));
    await mkdir(join(this.#temporary, "blobs", algorithmOf(stored.digest)), { recursive: true });
    await rename(unnamed, join(this.#temporary, blobFile(stored.digest)));
    return stored;
  }

  /** Gives the finished layout its name. */
  async publish(): Promise<void> {
    const blobs = join(this.#temporary, "blobs");
    for (const algorithm of await readdir(blobs)) await syncFolder(join(blobs, algorithm));
    await syncFolder(blobs);
    await syncFolder(this.#temporary);
    await refuseFull(this.#directory);
    await rename(this.#temporary, this.#directory);
    this.#published = true;
    await syncFolder(dirname(this.#directory));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#published) await rm(this.#temporary, { recursive: true, force: true });
  }
}

async function refuseFull(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  if (names.length > 0) {
    throw new ImageError("invalid-request", `the folder ${quote(directory)} is not empty`, {
      hint: "name a folder that does not exist yet, or remove this one",
    });
  }
}

/** Writes a new file and flushes it to disk. */
async function writeFile<Result>(
  path: string,
  produce: (sink: ByteSink) => Promise<Result>,
): Promise<Result> {
  await using file = await open(path, "wx", 0o644);
  let position = 0;
  const result = await produce(async (chunk) => {
    await writeFully(file.fd, chunk, position);
    position += chunk.length;
  });
  await file.sync();
  return result;
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
