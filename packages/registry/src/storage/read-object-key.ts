import { parseDigest } from "@wharf/image";
import type { Digest } from "@wharf/image";

import { BLOBS, blobKey, INDEXES, indexKey } from "./object-keys.ts";

/** @returns the digest of a key that `blobKey` has made, undefined for any other */
export function readBlobKey(key: string): Digest | undefined {
  const [algorithm = "", , hex = "", generation = ""] = key.slice(BLOBS.length).split("/");
  const digest = asDigest(`${algorithm}:${hex}`);
  return digest !== undefined && blobKey(digest, generation) === key ? digest : undefined;
}

/** @returns what `indexKey` has made a key of, undefined for any other */
export function readIndexKey(key: string): { digest: Digest; version: number } | undefined {
  const [text = "", algorithm = "", , hex = ""] = key.slice(INDEXES.length).split("/");
  const digest = asDigest(`${algorithm}:${hex}`);
  const version = Number(text);
  if (digest === undefined || !Number.isSafeInteger(version)) return undefined;
  return indexKey(digest, version) === key ? { digest, version } : undefined;
}

function asDigest(text: string): Digest | undefined {
  try {
    return parseDigest(text);
  } catch {
    return undefined;
  }
}
