/** What something that is attached to an image is for. */
export type ArtifactKind = "signature" | "sbom" | "attestation" | "other";

/** Tags under which cosign attaches: `sha256-<hex>` and one of these (cosign, "Signature Spec", tag-based discovery). */
const BY_SUFFIX: Readonly<Record<string, ArtifactKind>> = {
  sig: "signature",
  att: "attestation",
  sbom: "sbom",
};

/** Annotation of sigstore bundles that tells what a statement is about. */
const PREDICATE = "dev.sigstore.bundle.predicateType";

/** @param artifact its tag, the type it has, and its annotations */
export function artifactKind({
  tag,
  artifactType,
  annotations,
}: {
  readonly tag: string | null;
  readonly artifactType: string | null;
  readonly annotations: ReadonlyMap<string, string>;
}): ArtifactKind {
  const bySuffix = BY_SUFFIX[tag?.slice(tag.lastIndexOf(".") + 1) ?? ""];
  if (bySuffix !== undefined) return bySuffix;
  const type = artifactType?.toLowerCase() ?? "";
  if (type.startsWith("application/vnd.dev.sigstore.bundle")) {
    return ofBundle(annotations.get(PREDICATE));
  }
  if (/spdx|cyclonedx|syft|sbom/.test(type)) return "sbom";
  if (/in-toto|attestation|dsse|slsa/.test(type)) return "attestation";
  if (/signature|\.sig\b|notary/.test(type)) return "signature";
  return "other";
}

/** A bundle holds a signature, alone or as a statement, or a statement about something else. */
function ofBundle(predicate: string | undefined): ArtifactKind {
  if (predicate === undefined || predicate.includes("cosign/sign")) return "signature";
  return /spdx|cyclonedx/i.test(predicate) ? "sbom" : "attestation";
}

/** Names of the tags under which cosign attaches to a manifest. */
export function cosignTags(digest: string): string[] {
  const name = digest.replace(":", "-");
  return Object.keys(BY_SUFFIX).map((suffix) => `${name}.${suffix}`);
}
