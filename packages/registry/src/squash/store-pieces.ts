import { createHash, randomBytes } from "node:crypto";
import { algorithmOf } from "@wharf/image";
import type { Digest } from "@wharf/image";
import type { Piece } from "../http/send-content.ts";
import type { BlobStore } from "../storage/blob-store.ts";
import { readRange } from "../storage/filesystem/read-range.ts";
import { blobKey } from "../storage/object-keys.ts";

/**
 * Makes an object of bytes that were not pushed. Their digest is checked like that of any others.
 *
 * @param now milliseconds since 1970
 * @returns its key, and since when it may be there (`expectYoungObject`); it is durable, and nothing refers to it yet
 */
export async function storePieces(
  store: BlobStore,
  digest: Digest,
  pieces: AsyncIterable<Piece>,
  now: () => number,
): Promise<{ readonly key: string; readonly since: number }> {
  const key = blobKey(digest, randomBytes(8).toString("hex"));
  const hash = createHash(algorithmOf(digest));
  await using writer = await store.openUpload(randomBytes(16).toString("hex"), undefined);
  for await (const piece of pieces) {
    const chunks =
      piece instanceof Uint8Array
        ? [piece]
        : readRange(piece.fd, piece.offset, piece.offset + piece.size);
    for await (const chunk of chunks) {
      const own = Uint8Array.from(chunk); // its source uses the memory again, the writer keeps it for a while
      hash.update(own);
      await writer.write(own);
    }
  }
  const actual = `${algorithmOf(digest)}:${hash.digest("hex")}`;
  if (actual !== digest)
    throw new Error(`the bytes have the digest ${actual} instead of ${digest}`);
  const since = now();
  await writer.commit(key);
  return { key, since };
}
