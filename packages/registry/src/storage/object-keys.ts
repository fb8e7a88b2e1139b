import { algorithmOf, hexOf } from "@wharf/image";
import type { Digest } from "@wharf/image";

/**
 * Every key in the blob store is made here:
 *
 *     blobs/<algorithm>/<2 hex>/<hex>/<generation>    content of layers, configs and whatever else was pushed
 *     indexes/<version>/<algorithm>/<2 hex>/<hex>     layer indexes; can be made anew
 *
 * Uploads lie beside, under names of the driver. A generation is a random number: a digest that is stored again while
 * its old object is being collected lies elsewhere, so the collection cannot hit it.
 */
export const BLOBS = "blobs/";
export const INDEXES = "indexes/";

/** @param generation `[a-z0-9]+` */
export function blobKey(digest: Digest, generation: string): string {
  return `${BLOBS}${fanOut(digest)}/${generation}`;
}

/** @param version of the format of layer indexes */
export function indexKey(digest: Digest, version: number): string {
  return `${INDEXES}${version}/${fanOut(digest)}`;
}

function fanOut(digest: Digest): string {
  const hex = hexOf(digest);
  return `${algorithmOf(digest)}/${hex.slice(0, 2)}/${hex}`;
}
