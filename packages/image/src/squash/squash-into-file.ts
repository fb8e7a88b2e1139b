import { setImmediate } from "node:timers/promises";

import { Digester } from "../document/digest.ts";
import type { Digest } from "../document/digest.ts";
import type { PackedPlan } from "../flatten/packed-plan.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { writeFully } from "../source/spool.ts";
import type { ImageThreads } from "../threads/image-threads.ts";
import { neededLayers } from "./needed-ranges.ts";
import { writeSquashedLayer } from "./write-squashed-layer.ts";

/** Bytes hashed before the decoders get their turn: they wait for nothing else. */
const HASH_STEP = 64 * 1024;

/** How a squashed layer gets into a file. */
export interface SquashIntoFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told the number of bytes written since the last call; they can be read from the file. */
  readonly onWritten?: ((bytes: number) => void) | undefined;
  /** Does the work when all needed layers lie in files; otherwise the calling thread does. */
  readonly threads?: ImageThreads | undefined;
}

/**
 * Makes a squashed layer in an open file, from position 0, and hashes it on the way. The file is not flushed to disk.
 * After an error, what is in it is worthless.
 *
 * @param blobs as for `writeSquashedLayer`
 * @param fd descriptor open for writing, until the promise settles
 * @returns the diffID, which is also the digest of the plain layer
 * @throws {ImageError} as `writeSquashedLayer`
 */
export async function squashIntoFile(
  plan: PackedPlan,
  blobs: readonly (ByteSource | undefined)[],
  fd: number,
  { signal, onWritten, threads }: SquashIntoFileOptions = {},
): Promise<Digest> {
  const needed = new Set(neededLayers(plan));
  const slices = blobs.map((blob, layer) => (needed.has(layer) ? blob?.slice : undefined));
  const canMove = [...needed].every((layer) => slices[layer] !== undefined);
  if (threads === undefined || !canMove) return await fillFile(plan, blobs, fd, signal, onWritten);
  return await threads.run("squash", { plan, slices, fd }, { signal, onProgress: onWritten });
}

/** What a thread does of {@link squashIntoFile}. */
export async function fillFile(
  plan: PackedPlan,
  blobs: readonly (ByteSource | undefined)[],
  fd: number,
  signal: AbortSignal | undefined,
  onWritten: ((bytes: number) => void) | undefined,
): Promise<Digest> {
  const digester = new Digester();
  let position = 0;
  const sink = async (chunk: Uint8Array): Promise<void> => {
    const writing = writeFully(fd, chunk, position);
    writing.catch(() => undefined); // told by the await below
    for (let at = 0; at < chunk.length; at += HASH_STEP) {
      digester.update(chunk.subarray(at, at + HASH_STEP));
      await setImmediate();
    }
    await writing;
    position += chunk.length;
    onWritten?.(chunk.length);
  };
  await writeSquashedLayer(plan, blobs, sink, { signal });
  return digester.digest();
}
