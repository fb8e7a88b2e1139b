import type { Database } from "../../database/database.ts";
import { parseReference } from "../../distribution/reference.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { findManifest, findTaggedManifest } from "../manifest-store.ts";
import type { StoredManifest } from "../manifest-store.ts";
import type { Repository } from "../repository.ts";

/**
 * The manifest that somebody names.
 *
 * @param text a digest or a tag
 * @param field parameter that it comes from, for errors
 * @throws {RegistryError} MANIFEST_UNKNOWN, DIGEST_INVALID, TAG_INVALID
 */
export async function findByReference(
  { database, now }: { readonly database: Database; readonly now: () => number },
  repository: Repository,
  text: string,
  field: string = "manifestref",
): Promise<StoredManifest> {
  const reference = parseReference(text);
  const found =
    reference.kind === "tag"
      ? await findTaggedManifest(database.read, repository.id, reference.tag, now())
      : await findManifest(database.read, repository.id, reference.digest);
  if (found !== undefined) return found;
  const what = reference.kind === "tag" ? "tag" : "manifest";
  throw new RegistryError("MANIFEST_UNKNOWN", `${repository.name} has no ${what} ${text}`, {
    detail: { field, [reference.kind]: text.slice(0, 300) },
  });
}
