import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { findDescendants, showManifests } from "../manifest-store.ts";
import { showBlobsOf } from "../repository-blob-store.ts";

/** Manifests whose blobs one statement shows. */
const CHUNK = 500;

/**
 * Makes an image that a tag is taken back to whole again: it, what an index has below it, and their blobs, whichever
 * were deleted meanwhile; their leases are renewed. As long as a manifest is there so are its blobs, so whoever holds
 * its row cannot be too late (docs/decisions/007-leases-against-collection.md).
 *
 * @returns false when it is gone
 */
export async function showImage(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: string,
  now: number,
): Promise<boolean> {
  const [root] = await showManifests(trx, repositoryId, [digest], now);
  if (root === undefined) return false;
  const below = await findDescendants(trx, repositoryId, digest);
  const shown = [root, ...(await showManifests(trx, repositoryId, below, now))];
  for (let at = 0; at < shown.length; at += CHUNK) {
    await showBlobsOf(trx, repositoryId, shown.slice(at, at + CHUNK), now);
  }
  return true;
}
