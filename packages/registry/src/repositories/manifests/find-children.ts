import type { Database } from "../../database/database.ts";
import type { Repository } from "../repository.ts";
import { findPresent } from "./detail-store.ts";
import type { ContentFacts } from "./manifest-facts.ts";

/** A manifest that an index names. */
export interface Child {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  /** `os/architecture[/variant]`. */
  readonly platform: string | undefined;
  /** Bytes of its config and layers; undefined: it is not there. */
  readonly totalSize: number | undefined;
  /** Digest of what it tells about, for BuildKit's attestations. */
  readonly attestationOf: string | undefined;
}

export interface Children {
  /** The first {@link MOST_CHILDREN}. */
  readonly children: readonly Child[];
  readonly count: number;
  readonly present: number;
}

/** More are counted, and not told. */
const MOST_CHILDREN = 500;

/** The manifests of an index, and which of them the repository has. */
export async function findChildren(
  { database }: { readonly database: Database },
  repository: Repository,
  descriptors: readonly ContentFacts[],
): Promise<Children> {
  const digests = [...new Set(descriptors.map(({ digest }) => digest))];
  const rows = await findPresent(database.read, repository.id, digests);
  const present = new Map(rows.map((row) => [row.digest, row]));
  const children = descriptors.slice(0, MOST_CHILDREN).map((descriptor): Child => {
    const row = present.get(descriptor.digest);
    const { digest, mediaType, annotations } = descriptor;
    const attestationOf = annotations.get("vnd.docker.reference.digest");
    const isUnknown = descriptor.platform === "unknown/unknown";
    return {
      digest,
      mediaType,
      artifactType: row?.artifactType ?? descriptor.artifactType,
      platform: isUnknown ? undefined : (descriptor.platform ?? row?.platform ?? undefined),
      totalSize: row?.totalSize,
      attestationOf,
    };
  });
  return { children, count: descriptors.length, present: countPresent(descriptors, present) };
}

function countPresent(
  descriptors: readonly ContentFacts[],
  present: ReadonlyMap<string, unknown>,
): number {
  return descriptors.filter(({ digest }) => present.has(digest)).length;
}
