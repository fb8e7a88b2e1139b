import type { Digest } from "@wharf/image";
import type { Database } from "../../database/database.ts";
import type { Repository } from "../repository.ts";
import { artifactKind, cosignTags } from "./artifact-kind.ts";
import type { ArtifactKind } from "./artifact-kind.ts";
import { findReferring, findTagged } from "./detail-store.ts";
import type { AttachedManifest } from "./detail-store.ts";

/** A signature, an SBOM or something else that tells about an image. */
export interface Artifact extends Omit<AttachedManifest, "annotations"> {
  readonly kind: ArtifactKind;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * What is attached to a manifest: by `subject` (distribution-spec, "Listing Referrers"), or under the tags of cosign.
 *
 * @param limit of those with a subject; `hasMore` when there are others
 */
export async function findArtifacts(
  { database, now }: { readonly database: Database; readonly now: () => number },
  repository: Repository,
  digest: Digest,
  limit: number,
): Promise<{ readonly artifacts: readonly Artifact[]; readonly hasMore: boolean }> {
  const { read } = database;
  const tagged = await findTagged(read, repository.id, cosignTags(digest), now());
  const referring = await findReferring(read, repository.id, digest, limit + 1);
  const known = new Set(tagged.map((artifact) => artifact.digest));
  const others = referring.slice(0, limit).filter((artifact) => !known.has(artifact.digest));
  return {
    artifacts: [...tagged, ...others].map(described),
    hasMore: referring.length > limit,
  };
}

function described(attached: AttachedManifest): Artifact {
  const text = attached.annotations ?? "{}";
  const annotations = JSON.parse(text) as Readonly<Record<string, string>>; // checked when it was pushed
  const kind = artifactKind({ ...attached, annotations: new Map(Object.entries(annotations)) });
  return { ...attached, annotations, kind };
}
