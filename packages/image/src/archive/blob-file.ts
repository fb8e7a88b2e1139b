import type { Digest } from "../document/digest.ts";
import { Digester, algorithmOf, hexOf } from "../document/digest.ts";
import { ImageError } from "../image-error.ts";
import type { Limits } from "../limits.ts";
import type { Descriptor } from "../document/manifest.ts";
import type { ArchiveFiles } from "./archive-files.ts";

/** Where an OCI layout keeps a blob (image-spec `image-layout.md`, "Blobs"). */
export function blobFile(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** The folders on the way there, outermost first. */
export function blobFolders(digest: Digest): readonly string[] {
  return ["blobs", `blobs/${algorithmOf(digest)}`];
}

/**
 * A manifest, index or config of a layout.
 *
 * @returns its bytes, size and digest verified, or `undefined` when the layout does not hold it
 * @throws {ImageError} `damaged` or `limit`
 */
export async function readBlob(
  files: ArchiveFiles,
  { digest, size }: Pick<Descriptor, "digest" | "size">,
  what: string,
  limits: Limits,
): Promise<Buffer | undefined> {
  const bytes = await files.read(blobFile(digest), limits.jsonBytes);
  if (bytes === undefined) return undefined;
  if (bytes.length !== size) {
    throw new ImageError(
      "damaged",
      `${what} has ${bytes.length} bytes, its descriptor says ${size}`,
    );
  }
  verifyDigest(bytes, digest, what);
  return bytes;
}

/** @throws {ImageError} `damaged` when the bytes have another digest */
export function verifyDigest(bytes: Uint8Array, digest: Digest, what: string): void {
  const digester = new Digester(digest);
  digester.update(bytes);
  const actual = digester.digest();
  if (actual !== digest)
    throw new ImageError("damaged", `${what} has digest ${actual}, expected ${digest}`);
}
