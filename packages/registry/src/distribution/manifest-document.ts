import { ImageError, JsonObject, parseDigest } from "@wharf/image";
import type { Digest } from "@wharf/image";
import { RegistryError } from "../http/registry-error.ts";

/** What the registry needs to know of a manifest. Everything else in it is kept and served byte for byte. */
export interface ManifestDocument {
  readonly kind: "image" | "index";
  readonly mediaType: string;
  /** `artifactType`, or the config's media type (distribution-spec, "Listing Referrers"); undefined: neither. */
  readonly artifactType: string | undefined;
  readonly configMediaType: string | undefined;
  readonly subject: Digest | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  /** Blobs that must be in the repository unless they are optional, config first. */
  readonly blobs: readonly DescribedContent[];
  /** Manifests of an index; they may be absent. */
  readonly children: readonly DescribedContent[];
  /** Sum of the sizes that the descriptors tell, those of optional blobs left out. */
  readonly totalSize: number;
}

export interface DescribedContent {
  readonly digest: Digest;
  readonly size: number;
  /** Where it stands in the manifest, such as `layers[2]`, for errors. */
  readonly field: string;
  /** It lies elsewhere as well. */
  readonly isOptional: boolean;
}

const SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;
const INDEX_TYPES = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);
const MANIFEST_TYPES = new Set([
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
]);

/**
 * Reads a manifest that a client pushes. Any media type is accepted; what the document says of itself must hold
 * together, because another reading of the same bytes would be another image (CVE-2021-41190).
 *
 * @param bytes the body
 * @param contentType of the request, parameters included
 * @throws {RegistryError} MANIFEST_INVALID, its detail names the field
 */
export function parseManifestDocument(
  bytes: Uint8Array,
  contentType: string | undefined,
): ManifestDocument {
  try {
    return read(JsonObject.parse(bytes, "the manifest"), contentType);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw invalid(error.reason);
  }
}

function read(document: JsonObject, contentType: string | undefined): ManifestDocument {
  const declared = document.string("mediaType");
  const sent = contentType?.split(";")[0]?.trim().toLowerCase();
  // As the document writes it: `Content-Type` is compared without case (RFC 9110, 8.3.1), and served as it is stored.
  const mediaType =
    sent === undefined || sent === "" || sent === declared?.toLowerCase() ? declared : sent;
  if (mediaType === undefined) {
    throw invalid(
      "neither the Content-Type nor the field mediaType tells the media type",
      "mediaType",
    );
  }
  if (!/^[\x20-\x7e]{1,255}$/.test(mediaType)) {
    throw invalid("mediaType must be at most 255 printable ASCII characters", "mediaType");
  }
  if (document.fields["schemaVersion"] === 1 || SCHEMA1.test(mediaType)) {
    throw new RegistryError(
      "UNSUPPORTED",
      "this is Docker's manifest schema 1, which no current client pushes; pull the image with a recent Docker or podman and push it again",
      { status: 400, detail: { field: "schemaVersion" } },
    );
  }
  if (declared !== undefined && declared !== mediaType) {
    throw invalid(
      `the field mediaType is ${JSON.stringify(declared)}, the Content-Type is ${JSON.stringify(mediaType)}`,
      "mediaType",
    );
  }
  const version = document.integer("schemaVersion");
  if (version === undefined && (INDEX_TYPES.has(mediaType) || MANIFEST_TYPES.has(mediaType))) {
    throw invalid("schemaVersion is missing, it must be 2", "schemaVersion");
  }
  if (version !== undefined && version !== 2) {
    throw invalid(`schemaVersion is ${version}, it must be 2`, "schemaVersion");
  }
  const hasChildren = document.has("manifests");
  const hasLayers = document.has("layers") || document.has("config");
  if (hasChildren && hasLayers) {
    throw invalid(
      "it has manifests like an index and layers or a config like an image",
      "manifests",
    );
  }
  if (hasChildren && MANIFEST_TYPES.has(mediaType)) {
    throw invalid(`it has manifests, but its media type is ${mediaType}`, "manifests");
  }
  if (hasLayers && INDEX_TYPES.has(mediaType)) {
    throw invalid(`it has layers or a config, but its media type is ${mediaType}`, "layers");
  }
  if (MANIFEST_TYPES.has(mediaType) && !document.has("config")) {
    throw invalid("config is missing", "config");
  }
  const config = document.object("config");
  const blobs = [
    ...(config === undefined ? [] : [described(config, "config")]),
    ...pushedBlobs(document, "layers"),
    ...pushedBlobs(document, "blobs"),
  ];
  const children = document
    .objects("manifests")
    .map((child, index) => described(child, `manifests[${index}]`));
  const subject = document.object("subject");
  const configMediaType = config?.string("mediaType");
  const artifactType = nonEmpty(document.string("artifactType")) ?? nonEmpty(configMediaType);
  if (artifactType !== undefined && /[\0-\x1f\x7f]/.test(artifactType)) {
    throw invalid("the type of the artifact has control characters", "artifactType");
  }
  return {
    kind: hasChildren || INDEX_TYPES.has(mediaType) ? "index" : "image",
    mediaType,
    artifactType,
    configMediaType,
    subject: subject === undefined ? undefined : described(subject, "subject").digest,
    annotations: document.stringMap("annotations"),
    blobs,
    children,
    totalSize: [...blobs, ...children].reduce(addSize, 0),
  };
}

function addSize(sum: number, { size, isOptional }: DescribedContent): number {
  return isOptional ? sum : Math.min(Number.MAX_SAFE_INTEGER, sum + size);
}

/** Layers that lie elsewhere (image-spec `layer.md`, "Non-Distributable Layers") need not be pushed, but may be. */
function pushedBlobs(document: JsonObject, field: string): DescribedContent[] {
  return document.objects(field).map((blob, index) => ({
    ...described(blob, `${field}[${index}]`),
    isOptional: isForeign(blob),
  }));
}

function isForeign(blob: JsonObject): boolean {
  const mediaType = blob.string("mediaType") ?? "";
  return (
    blob.strings("urls").length > 0 ||
    mediaType.includes(".nondistributable.") ||
    mediaType.includes(".rootfs.foreign.")
  );
}

function described(object: JsonObject, field: string): DescribedContent {
  const size = object.integer("size");
  if (size === undefined) throw invalid(`${field}.size is missing`, `${field}.size`);
  object.string("mediaType");
  object.stringMap("annotations");
  try {
    return { digest: parseDigest(object.requiredString("digest")), size, field, isOptional: false };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw invalid(`${field}.digest: ${error.reason}`, `${field}.digest`);
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function invalid(reason: string, field?: string): RegistryError {
  return new RegistryError("MANIFEST_INVALID", `the manifest is not valid: ${reason}`, {
    detail: field === undefined ? { reason } : { field, reason },
  });
}
