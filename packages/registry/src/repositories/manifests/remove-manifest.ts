import type { Digest } from "@wharf/image";
import type { Actor } from "../../accounts/admin/actor.ts";
import type { Rights } from "../../accounts/rights.ts";
import type { Database } from "../../database/database.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { deleteManifest } from "../delete-manifest.ts";
import type { Repository } from "../repository.ts";

/**
 * Deletes a manifest and the tags that point to it, as DELETE of `/v2` does.
 *
 * @throws {RegistryError} MANIFEST_UNKNOWN, TAG_IMMUTABLE when a protected tag needs it
 */
export async function removeManifest(
  administration: {
    readonly database: Database;
    readonly rights: Rights;
    readonly now: () => number;
  },
  actor: Actor,
  repository: Repository,
  digest: Digest,
): Promise<void> {
  const { database, rights, now } = administration;
  await rights.require(actor, "repository.write", { repository });
  if (await deleteManifest(database, repository, digest, actor, now())) return;
  throw new RegistryError("MANIFEST_UNKNOWN", `${repository.name} has no manifest ${digest}`, {
    detail: { digest },
  });
}
