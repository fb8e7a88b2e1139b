import {
  formatPlatform,
  ImageError,
  isAttestation,
  isEncryptedLayerType,
  isForeignLayerType,
  isImageConfigType,
  parseImageConfig,
  parseManifest,
  parsePlatform,
  platformFit,
} from "@wharf/image";
import type { Descriptor, Digest, ImageIndex, Platform } from "@wharf/image";
import type { RegistryContext } from "../context.ts";
import { RegistryError } from "../http/registry-error.ts";
import { findManifest } from "../repositories/manifest-store.ts";
import type { StoredManifest } from "../repositories/manifest-store.ts";
import { findRepositoryBlob } from "../repositories/repository-blob-store.ts";
import type { Repository } from "../repositories/repository.ts";
import { readObject } from "../storage/read-object.ts";

/** An image of one platform in the registry: what squashing and archives begin with. */
export interface SourceImage {
  readonly repository: Repository;
  /** Of the manifest. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** The manifest, byte for byte. */
  readonly manifest: Uint8Array;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly platform: Platform;
  readonly configDigest: Digest;
  readonly configMediaType: string;
  /** Byte for byte. */
  readonly config: Uint8Array;
  /** `rootfs.diff_ids`, lowest first. */
  readonly diffIds: readonly Digest[];
  /** Lowest first. */
  readonly layers: readonly SourceLayer[];
}

export interface SourceLayer {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Stored bytes. */
  readonly size: number;
  /** Where they lie in the blob store. */
  readonly key: string;
}

/** Status of what is refused because it is an artifact of another kind. */
export const NO_IMAGE = 415;

/** A config is read whole; larger ones are refused. */
const CONFIG_BYTES = 8 * 1024 * 1024;

/** Engines stop at 127; every layer costs a query and its index in memory. */
const MOST_LAYERS = 500;

/** Indexes in indexes that are followed. */
const DEPTH = 4;

/** What is taken of an index when nobody says a platform: what Quay took, and most machines are. */
const USUAL = "linux/amd64";

/**
 * Finds the image of a platform.
 *
 * @param manifest a manifest or an index of the repository
 * @param platform `os/architecture[/variant]`; undefined: the only one there is, else linux/amd64
 * @throws {RegistryError} PLATFORM_UNKNOWN telling which there are, SQUASH_REFUSED, PARAMETER_INVALID
 */
export async function sourceImage(
  context: RegistryContext,
  repository: Repository,
  manifest: StoredManifest,
  platform: string | undefined,
): Promise<SourceImage> {
  const wanted = platform === undefined ? undefined : platformParameter(platform);
  const single = await singleManifest(context, repository, manifest, wanted);
  const image = await readImage(context, repository, single);
  if (
    wanted !== undefined &&
    manifest.kind === "image" &&
    platformFit(wanted, image.platform) === 0
  ) {
    throw unknownPlatform(wanted, [formatPlatform(image.platform)]);
  }
  return image;
}

/** Manifests of an index that are images and are there, with their platforms, indexes inside included. */
export async function childImages(
  context: RegistryContext,
  repository: Repository,
  index: StoredManifest,
): Promise<{ descriptor: Descriptor; manifest: StoredManifest }[]> {
  const found: { descriptor: Descriptor; manifest: StoredManifest }[] = [];
  await collectChildren(context, repository, index, DEPTH, found);
  return found;
}

async function collectChildren(
  context: RegistryContext,
  repository: Repository,
  index: StoredManifest,
  depth: number,
  found: { descriptor: Descriptor; manifest: StoredManifest }[],
): Promise<void> {
  if (depth === 0) throw refused("the index is nested too deeply");
  for (const descriptor of parsedIndex(index).manifests) {
    if (isAttestation(descriptor)) continue;
    const child = await findManifest(context.database.read, repository.id, descriptor.digest);
    if (child === undefined) continue;
    if (child.kind === "index") await collectChildren(context, repository, child, depth - 1, found);
    else found.push({ descriptor, manifest: child });
    if (found.length > 200) throw refused("the index has more than 200 images");
  }
}

async function singleManifest(
  context: RegistryContext,
  repository: Repository,
  manifest: StoredManifest,
  wanted: Platform | undefined,
): Promise<StoredManifest> {
  if (manifest.kind === "image") return manifest;
  const children = await childImages(context, repository, manifest);
  const only = children[0];
  if (children.length === 1 && wanted === undefined && only !== undefined) return only.manifest;
  const platform = wanted ?? parsePlatform(USUAL);
  const best = children
    .map((child) => ({ child, fit: platformFit(platform, platformOf(child.descriptor)) }))
    .toSorted((a, b) => b.fit - a.fit)[0];
  if (best === undefined || best.fit === 0) {
    throw unknownPlatform(
      platform,
      children.map(({ descriptor }) => formatPlatform(platformOf(descriptor))),
    );
  }
  return best.child.manifest;
}

function platformOf({ platform }: Descriptor): Platform {
  return {
    ...platform,
    os: platform?.os ?? "unknown",
    architecture: platform?.architecture ?? "unknown",
  };
}

function parsedIndex(index: StoredManifest): ImageIndex {
  const parsed = refusing(() => parseManifest(index.content, "the index"));
  if (parsed.kind !== "index") throw refused("the manifest is no index");
  return parsed;
}

async function readImage(
  context: RegistryContext,
  repository: Repository,
  stored: StoredManifest,
): Promise<SourceImage> {
  const manifest = refusing(() => parseManifest(stored.content, "the manifest"));
  if (manifest.kind !== "manifest") throw refused("the manifest is no image");
  if (!isImageConfigType(manifest.config.mediaType)) {
    throw refused(
      `it is no container image but an artifact of type ${manifest.config.mediaType || "unknown"}`,
      { status: NO_IMAGE },
    );
  }
  if (manifest.layers.length > MOST_LAYERS) {
    throw refused(`it has ${manifest.layers.length} layers, at most ${MOST_LAYERS} are squashed`);
  }
  const config = await readConfig(context, repository, manifest.config);
  const parsed = refusing(() => parseImageConfig(config, "the config"));
  const layers = await Promise.all(
    manifest.layers.map((layer, number) => sourceLayer(context, repository, layer, number + 1)),
  );
  if (parsed.diffIds.length !== layers.length) {
    throw refused(
      `its config tells of ${parsed.diffIds.length} layers, its manifest of ${layers.length}`,
    );
  }
  return {
    repository,
    digest: stored.digest,
    mediaType: stored.mediaType,
    manifest: stored.content,
    annotations: manifest.annotations,
    platform: parsed.platform,
    configDigest: manifest.config.digest,
    configMediaType: manifest.config.mediaType,
    config,
    diffIds: parsed.diffIds,
    layers,
  };
}

async function sourceLayer(
  { database }: RegistryContext,
  repository: Repository,
  layer: Descriptor,
  number: number,
): Promise<SourceLayer> {
  const at = { detail: { layer: number, digest: layer.digest, mediaType: layer.mediaType } };
  if (isEncryptedLayerType(layer.mediaType)) throw refused(`layer ${number} is encrypted`, at);
  const blob = await findRepositoryBlob(database.read, repository.id, layer.digest);
  if (blob === undefined) {
    const why = isForeignLayerType(layer.mediaType)
      ? "lies in another place (foreign)"
      : "is missing";
    throw refused(`layer ${number} ${why}`, at);
  }
  return { digest: layer.digest, mediaType: layer.mediaType, size: blob.size, key: blob.key };
}

async function readConfig(
  context: RegistryContext,
  repository: Repository,
  { digest }: Descriptor,
): Promise<Uint8Array> {
  const blob = await findRepositoryBlob(context.database.read, repository.id, digest);
  if (blob === undefined) throw refused("its config is missing");
  if (blob.size > CONFIG_BYTES) throw refused(`its config is longer than ${CONFIG_BYTES} bytes`);
  return await readObject(context.store, blob.key);
}

function platformParameter(text: string): Platform {
  try {
    return parsePlatform(text);
  } catch (error) {
    throw new RegistryError(
      "PARAMETER_INVALID",
      "platform must be os/architecture[/variant], such as linux/arm64",
      {
        detail: { parameter: "platform", value: text.slice(0, 200) },
        cause: error,
      },
    );
  }
}

function unknownPlatform(wanted: Platform, available: readonly string[]): RegistryError {
  return new RegistryError(
    "PLATFORM_UNKNOWN",
    `there is no image for ${formatPlatform(wanted)}; give one of these as ?platform=`,
    { detail: { wanted: formatPlatform(wanted), available } },
  );
}

/** How the message of every refusal begins. */
export const REFUSAL = "the image cannot be squashed: ";

/** Why an image cannot be squashed. */
export function refused(
  reason: string,
  options: { detail?: unknown; status?: number; cause?: unknown } = {},
): RegistryError {
  return new RegistryError("SQUASH_REFUSED", `${REFUSAL}${reason}`, options);
}

/** Faults of an image are told as such. */
export function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asRefusal(error);
  }
}

export function asRefusal(error: unknown): unknown {
  if (!(error instanceof ImageError)) return error;
  const { place, reason, hint } = error;
  return refused(reason, {
    detail: { ...place, reason, ...(hint === undefined ? {} : { hint }) },
    cause: error,
  });
}
