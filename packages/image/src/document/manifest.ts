import type { Digest } from "./digest.ts";
import { ImageError } from "../image-error.ts";
import type { Platform } from "../image.ts";
import { JsonObject } from "./json-object.ts";
import type { Limits } from "../limits.ts";
import { isIndexType, isManifestType, isSchema1Type } from "./media-types.ts";
import { readPlatform } from "./platform.ts";
import { quote } from "./quote.ts";

/** image-spec `descriptor.md`: what a blob is and where it is found. */
export interface Descriptor {
  /** Empty when it names none. */
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where a foreign layer can be had. */
  readonly urls: readonly string[];
  /** Only in an index. Fields may be absent. */
  readonly platform?: Partial<Platform>;
}

/** One image: OCI manifest or Docker's schema 2. */
export interface ImageManifest {
  readonly kind: "manifest";
  /** Empty when it names none. */
  readonly mediaType: string;
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Several manifests: OCI index or Docker's manifest list. */
export interface ImageIndex {
  readonly kind: "index";
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Reads a manifest or an index of OCI or Docker (image-spec `manifest.md`, `image-index.md`), told apart by content.
 *
 * @param bytes the document as stored; its digest is the caller's to verify
 * @param what what it is, for messages
 * @throws {ImageError} `damaged`, `limit`, or `unsupported` for schema 1
 */
export function parseManifest(
  bytes: Uint8Array,
  what: string,
  limits?: Pick<Limits, "jsonBytes">,
): ImageManifest | ImageIndex {
  const document = JsonObject.parse(bytes, what, limits);
  const mediaType = document.string("mediaType") ?? "";
  const version = document.integer("schemaVersion");
  if (version === 1 || isSchema1Type(mediaType)) throw schema1Error(what);
  if (version !== undefined && version !== 2) {
    throw new ImageError(
      "unsupported",
      `${what} has schema version ${version}, only version 2 is known`,
    );
  }
  const isIndex = document.has("manifests");
  const isManifest = document.has("config") || document.has("layers");
  // A document that reads as both could mean different images to different tools (CVE-2021-41190).
  if (isIndex && isManifest)
    throw new ImageError("damaged", `${what} is both an index and a manifest`);
  if ((isIndex && isManifestType(mediaType)) || (isManifest && isIndexType(mediaType))) {
    throw new ImageError("damaged", `${what} is not what its media type ${quote(mediaType)} says`);
  }
  const annotations = document.stringMap("annotations");
  const rest = { mediaType, ...(annotations === undefined ? {} : { annotations }) };
  if (isIndex || isIndexType(mediaType)) {
    return {
      kind: "index",
      manifests: document.objects("manifests").map(parseDescriptor),
      ...rest,
    };
  }
  const config = parseDescriptor(document.requiredObject("config"));
  return {
    kind: "manifest",
    config,
    layers: document.objects("layers").map(parseDescriptor),
    ...rest,
  };
}

/** Reads one descriptor. */
export function parseDescriptor(object: JsonObject): Descriptor {
  const annotations = object.stringMap("annotations");
  const platform = object.object("platform");
  return {
    mediaType: object.string("mediaType") ?? "",
    digest: object.digest("digest"),
    size: object.integer("size") ?? missingSize(object),
    urls: object.strings("urls"),
    ...(annotations === undefined ? {} : { annotations }),
    ...(platform === undefined ? {} : { platform: readPlatform(platform) }),
  };
}

/** Whether a manifest of an index tells about another one (BuildKit's provenance and SBOM) and is no image itself. */
export function isAttestation({ annotations, platform }: Descriptor): boolean {
  if (annotations?.["vnd.docker.reference.type"] !== undefined) return true;
  return platform?.os === "unknown" && platform.architecture === "unknown";
}

/** The refusal of Docker's image format from before 2016. */
export function schema1Error(what: string): ImageError {
  return new ImageError(
    "unsupported",
    `${what} is in Docker's old manifest format, schema 1, which is not read`,
    {
      hint: "pull the image with a recent Docker or podman and push or save it again",
    },
  );
}

function missingSize(object: JsonObject): never {
  throw new ImageError("damaged", `${object.what} has no "size"`);
}
