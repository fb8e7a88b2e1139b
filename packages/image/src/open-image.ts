import { createReadStream } from "node:fs";
import type { Stats } from "node:fs";
import { fstat } from "node:fs";
import { open, stat } from "node:fs/promises";
import { promisify } from "node:util";

import { FolderFiles } from "./archive/folder-files.ts";
import { readImages } from "./archive/read-images.ts";
import { TarDirectory } from "./archive/tar-directory.ts";
import { unwrap } from "./archive/unwrap.ts";
import type { ByteSource } from "./source/byte-source.ts";
import { fileSource } from "./source/file-source.ts";
import { ImageError } from "./image-error.ts";
import type { ImageSource } from "./image.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { Limits } from "./limits.ts";
import type { OnProgress } from "./progress.ts";
import { quote } from "./document/quote.ts";
import { Spool } from "./source/spool.ts";

/** What all readers of images take. */
export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Default {@link DEFAULT_LIMITS}. */
  readonly limits?: Limits | undefined;
  /** Where input is spooled; default the system's folder for temporary files. */
  readonly tmpDir?: string | undefined;
}

/**
 * Opens an image archive (docker-archive or OCI layout in a tar, also compressed with gzip or zstd as a whole) or the
 * folder of an OCI layout; told apart by content. Layers are not read yet.
 *
 * @throws {ImageError}
 *
 * @example
 * await using source = await openImagePath("python.tar");
 * source.images[0]?.names; // => ["python:2.7.11"]
 */
export async function openImagePath(path: string, options: OpenOptions = {}): Promise<ImageSource> {
  const stats = await statOf(path);
  if (stats.isDirectory()) return openFolder(path, options);
  if (!stats.isFile()) return openImageStream(createReadStream(path), options);
  await using resources = new AsyncDisposableStack();
  const { fd } = resources.use(await open(path));
  const { size } = await promisify(fstat)(fd);
  return await openSource(fileSource({ fd, offset: 0, size }), resources, options);
}

/**
 * Opens an image archive in a regular file that is open already, such as standard input with `< file`.
 * The descriptor stays the caller's to close, after the source.
 *
 * @throws {ImageError}
 */
export async function openImageFile(fd: number, options: OpenOptions = {}): Promise<ImageSource> {
  const { size } = await promisify(fstat)(fd);
  await using resources = new AsyncDisposableStack();
  return await openSource(fileSource({ fd, offset: 0, size }), resources, options);
}

/**
 * Opens an image archive that comes as a stream. It is spooled to disk, because names come last in most archives.
 *
 * @throws {ImageError}
 */
export async function openImageStream(
  input: AsyncIterable<Uint8Array>,
  options: OpenOptions = {},
): Promise<ImageSource> {
  await using resources = new AsyncDisposableStack();
  const spool = resources.use(await Spool.create(options.tmpDir));
  for await (const chunk of input) {
    options.signal?.throwIfAborted();
    await spool.write(chunk);
    options.onProgress?.({ phase: "spool", bytes: chunk.length });
  }
  return await openSource(spool.source(), resources, options);
}

async function openFolder(path: string, options: OpenOptions): Promise<ImageSource> {
  await using resources = new AsyncDisposableStack();
  const files = resources.use(await FolderFiles.open(path));
  const images = await readImages(files, options.limits ?? DEFAULT_LIMITS);
  return { images, ...closing(resources.move()) };
}

/** Takes the resources over once nothing can fail any more. */
async function openSource(
  stored: ByteSource,
  resources: AsyncDisposableStack,
  options: OpenOptions,
): Promise<ImageSource> {
  const { signal, onProgress, tmpDir, limits = DEFAULT_LIMITS } = options;
  await using unwrapped = new AsyncDisposableStack();
  const spool = unwrapped.use(await unwrap(stored, { limits, tmpDir, signal, onProgress }));
  const files = await TarDirectory.read(spool?.source() ?? stored, { limits, signal });
  const images = await readImages(files, limits);
  if (spool === undefined) return { images, ...closing(resources.move()) };
  await resources.disposeAsync(); // the compressed bytes are not needed any more
  return { images, ...closing(unwrapped.move()) };
}

function closing(resources: AsyncDisposableStack): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw cause;
    throw new ImageError("not-found", `there is no file or folder ${quote(path)}`, { cause });
  }
}
