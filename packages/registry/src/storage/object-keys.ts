import { algorithmOf, hexOf } from "@wharf/image";
import type { Digest } from "@wharf/image";

/**
 * Every key in the blob store is made here:
 *
 *     blobs/<algorithm>/<2 hex>/<hex>/<generation>    content of layers, configs and whatever else was pushed
 *     indexes/<version>/<algorithm>/<2 hex>/<hex>     layer indexes; can be made anew
 *     audit/archive/<day>/<time>-<entry>.ndjson.gz    entries that have left the audit log; collection never sees them
 *     audit/exports/<file>                            exports of the audit log, for a day
 *
 * Uploads lie beside, under names of the driver. A generation is a random number: a digest that is stored again while
 * its old object is being collected lies elsewhere, so the collection cannot hit it.
 */
export const BLOBS = "blobs/";
export const INDEXES = "indexes/";
export const AUDIT_EXPORTS = "audit/exports/";
const AUDIT_ARCHIVE = "audit/archive/";

/** @param generation `[a-z0-9]+` */
export function blobKey(digest: Digest, generation: string): string {
  return `${BLOBS}${fanOut(digest)}/${generation}`;
}

/** @param version of the format of layer indexes */
export function indexKey(digest: Digest, version: number): string {
  return `${INDEXES}${version}/${fanOut(digest)}`;
}

/**
 * Where entries of the audit log are archived, by the first of them.
 *
 * @param first its time, in milliseconds since 1970, and its number
 */
export function archiveKey({ at, id }: { readonly at: number; readonly id: number }): string {
  const time = new Date(at).toISOString();
  const moment = time.slice(11, -1).replaceAll(":", "-");
  return `${AUDIT_ARCHIVE}${time.slice(0, 10)}/${moment}-${id}.ndjson.gz`;
}

/** @param name of an export file, `[a-z0-9.-]+` */
export function exportKey(name: string): string {
  return `${AUDIT_EXPORTS}${name}`;
}

function fanOut(digest: Digest): string {
  const hex = hexOf(digest);
  return `${algorithmOf(digest)}/${hex.slice(0, 2)}/${hex}`;
}
