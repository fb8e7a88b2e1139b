import type { Digest } from "@wharf/image";
import type { Database } from "../database/database.ts";
import { RegistryError } from "../http/registry-error.ts";
import type { Repository } from "./repository.ts";
import { hideBlob, referringManifest } from "./repository-blob-store.ts";

/**
 * Deletes a blob from a repository. The caller has checked that it is allowed.
 *
 * @returns false when the repository does not show such a blob
 * @throws {RegistryError} UNSUPPORTED when one of its manifests needs the blob
 */
export async function deleteBlob(
  database: Database,
  repository: Repository,
  digest: Digest,
  now: number,
): Promise<boolean> {
  return await database.transaction(async (trx) => {
    // First the row's lock, then the question who refers to it: a push under way has locked it before (putManifest).
    if (!(await hideBlob(trx, repository.id, digest, now))) return false;
    const manifest = await referringManifest(trx, repository.id, digest);
    if (manifest === undefined) return true;
    throw new RegistryError(
      "UNSUPPORTED",
      "a manifest of the repository needs the blob; delete the manifest first",
      { detail: { digest, manifest } },
    );
  });
}
