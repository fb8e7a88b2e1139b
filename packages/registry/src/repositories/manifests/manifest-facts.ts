import { isImageConfigType, isLayerType, JsonObject, parseDigest } from "@wharf/image";
import type { Digest } from "@wharf/image";
import type { StoredManifest } from "../manifest-store.ts";
import { platformText } from "./platform-text.ts";
import { tolerant } from "./tolerant.ts";

/** What a stored manifest says, as far as it can be understood. It was checked when it was pushed. */
export interface ManifestFacts {
  /** `artifact`: of another thing than a container image. */
  readonly kind: "image" | "index" | "artifact";
  readonly artifactType: string | undefined;
  readonly subject: Digest | undefined;
  readonly config: ContentFacts | undefined;
  /** Lowest first. */
  readonly layers: readonly ContentFacts[];
  /** Of an index. */
  readonly children: readonly ContentFacts[];
  readonly annotations: ReadonlyMap<string, string>;
}

/** A descriptor (image-spec `descriptor.md`). */
export interface ContentFacts {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly urls: readonly string[];
  readonly annotations: ReadonlyMap<string, string>;
  readonly artifactType: string | undefined;
  /** `os/architecture[/variant]`, of a child that tells. */
  readonly platform: string | undefined;
}

export function manifestFacts({ content, kind }: StoredManifest): ManifestFacts {
  const document = tolerant(() => JsonObject.parse(content, "the manifest"));
  const config = descriptor(document && tolerant(() => document.object("config")));
  const layers = descriptors(document, "layers");
  const blobs = descriptors(document, "blobs");
  const artifactType = document && tolerant(() => document.string("artifactType"));
  const subject = document && tolerant(() => document.object("subject"));
  return {
    kind: kind === "index" ? "index" : isImage(config, layers, artifactType) ? "image" : "artifact",
    artifactType: artifactType === "" ? undefined : artifactType,
    subject: descriptor(subject)?.digest,
    config,
    layers: layers.length > 0 ? layers : blobs,
    children: descriptors(document, "manifests"),
    annotations: texts(document, "annotations"),
  };
}

/** cosign and BuildKit give their artifacts the config of an image; their layers tell (image-spec `manifest.md`, "Guidelines for Artifact Usage"). */
function isImage(
  config: ContentFacts | undefined,
  layers: readonly ContentFacts[],
  artifactType: string | undefined,
): boolean {
  if (config === undefined || !isImageConfigType(config.mediaType)) return false;
  if (layers.length > 0 && !layers.some(({ mediaType }) => isLayerType(mediaType))) return false;
  return artifactType === undefined || artifactType === "" || isImageConfigType(artifactType);
}

function descriptors(document: JsonObject | undefined, field: string): ContentFacts[] {
  const objects = (document && tolerant(() => document.objects(field))) ?? [];
  return objects.map(descriptor).filter((content) => content !== undefined);
}

function descriptor(object: JsonObject | undefined): ContentFacts | undefined {
  const digest = object && tolerant(() => parseDigest(object.requiredString("digest")));
  if (object === undefined || digest === undefined) return undefined;
  return {
    digest,
    mediaType: tolerant(() => object.string("mediaType")) ?? "",
    size: tolerant(() => object.integer("size")) ?? 0,
    urls: tolerant(() => object.strings("urls")) ?? [],
    annotations: texts(object, "annotations"),
    artifactType: tolerant(() => object.string("artifactType")),
    platform: platformOf(tolerant(() => object.object("platform"))),
  };
}

function platformOf(platform: JsonObject | undefined): string | undefined {
  const part = (key: string): string | undefined => tolerant(() => platform?.string(key));
  return platformText(part("os"), part("architecture"), part("variant"));
}

function texts(object: JsonObject | undefined, field: string): Map<string, string> {
  const found = object && tolerant(() => object.stringMap(field));
  const pairs = Object.entries(found ?? {});
  return new Map(pairs.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()]));
}
