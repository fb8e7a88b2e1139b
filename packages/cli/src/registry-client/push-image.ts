// Long for one noun: layers, config, manifest and index of a push, in the order in which a registry must get them.
import {
  compressionOf,
  type Digest,
  digestOf,
  formatPlatform,
  ImageError,
  isForeignLayerType,
  type LayerCompression,
  MediaType,
  type OnProgress,
  type OutputImage,
  type OutputLayer,
  type WrittenImage,
} from "@wharf/image";

import { familiarName, type TagName } from "../transports/image-name.ts";
import { TransportError } from "../transports/transport-error.ts";
import { inParallel } from "./in-parallel.ts";
import type { RegistryClient } from "./registry-client.ts";
import { hasBlob, uploadBlob } from "./upload-blob.ts";
import {
  type MediaFamily,
  type StoredLayer,
  type UploadedLayer,
  uploadMadeLayer,
  uploadStoredLayer,
} from "./upload-layer.ts";

export interface PushOptions {
  /** The tags to push under, at least one. */
  readonly tags: readonly TagName[];
  /** For layers that are made, default gzip level 6. */
  readonly compression?: LayerCompression | undefined;
  /** Repository of the same registry that the kept layers come from. */
  readonly mountFrom?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Kept layers that are uploaded at a time, default 4. */
  readonly parallel?: number | undefined;
}

/** Media types of the documents of a family. */
const TYPES = {
  oci: { index: MediaType.ociIndex, manifest: MediaType.ociManifest, config: MediaType.ociConfig },
  docker: {
    index: MediaType.dockerIndex,
    manifest: MediaType.dockerManifest,
    config: MediaType.dockerConfig,
  },
} as const;

/**
 * Pushes images under the tags: layers first, then configs, then manifests, so that a tag never names something
 * incomplete. Several images are the platforms of one and get an index. Media types are OCI's, but Docker's where all
 * kept layers have those: they are never mixed.
 *
 * @throws {ImageError} `invalid-request` for two images of one platform, `damaged` for a kept layer
 * @throws {TransportError} when the registry cannot be reached or refuses
 */
export async function pushImages(
  client: RegistryClient,
  images: readonly OutputImage[],
  options: PushOptions,
): Promise<WrittenImage[]> {
  refuseSamePlatforms(images);
  const { host, repository } = client;
  const compression = options.compression ?? { kind: "gzip", level: 6 };
  const family = familyOf(images, compression);
  const total = images
    .flatMap(({ layers }) => layers)
    .reduce((sum, { kept, size }) => sum + (kept?.blob.size ?? size), 0);
  const { onProgress } = options;
  onProgress?.({ phase: "upload", bytes: 0, total });
  const onBytes = (bytes: number): void => onProgress?.({ phase: "upload", bytes, total });
  const pushed: PushedImage[] = [];
  for (const image of images)
    pushed.push(await pushParts(client, image, { ...options, compression, family, onBytes }));
  const names = options.tags.map((tag) =>
    familiarName({ host, repository, tag, digest: undefined }),
  );
  const [only, ...others] = pushed;
  if (only !== undefined && others.length === 0) {
    for (const tag of options.tags)
      await putManifest(client, tag, only.manifest, TYPES[family].manifest);
  } else {
    for (const { manifest } of pushed)
      await putManifest(client, digestOf(manifest), manifest, TYPES[family].manifest);
    const index = indexOf(pushed, family);
    for (const tag of options.tags) await putManifest(client, tag, index, TYPES[family].index);
  }
  return pushed.map(({ configDigest, manifest, layers }) => ({
    names,
    configDigest,
    manifestDigest: digestOf(manifest),
    layers,
  }));
}

interface PushedImage {
  readonly image: OutputImage;
  readonly configDigest: Digest;
  readonly manifest: Uint8Array;
  readonly layers: UploadedLayer[];
}

interface PartOptions extends PushOptions {
  readonly compression: LayerCompression;
  readonly family: MediaFamily;
  readonly onBytes: (bytes: number) => void;
}

async function pushParts(
  client: RegistryClient,
  image: OutputImage,
  options: PartOptions,
): Promise<PushedImage> {
  const { family, mountFrom, onBytes, compression, parallel = 4 } = options;
  const done = new Map<OutputLayer, UploadedLayer>();
  const stored = await storedLayers(client, image.layers);
  await inParallel([...stored], parallel, client.signal, async ([layer, kept], signal) => {
    done.set(
      layer,
      await uploadStoredLayer(client.withSignal(signal), kept, { family, mountFrom, onBytes }),
    );
  });
  // One after the other: making a layer takes the processor, and reads what others would read.
  for (const layer of image.layers) {
    if (!stored.has(layer))
      done.set(layer, await uploadMadeLayer(client, layer, { family, compression, onBytes }));
  }
  const layers = image.layers
    .map((layer) => done.get(layer))
    .filter((layer) => layer !== undefined);
  await image.verified;
  const config = image.config(layers.map(({ diffId }) => diffId));
  const configDigest = digestOf(config);
  if (!(await hasBlob(client, configDigest))) await uploadBytes(client, config);
  const manifest = json({
    schemaVersion: 2,
    mediaType: TYPES[family].manifest,
    config: { mediaType: TYPES[family].config, digest: configDigest, size: config.length },
    layers: layers.map(({ mediaType, digest, size, annotations }) => ({
      mediaType,
      digest,
      size,
      // Docker's manifests have no annotations.
      ...(annotations === undefined || family === "docker" ? {} : { annotations }),
    })),
    ...(image.annotations === undefined || family === "docker"
      ? {}
      : { annotations: image.annotations }),
  });
  return { image, configDigest, manifest, layers };
}

/**
 * The layers that go out as they are stored. Those of a docker-archive or an engine are stored plain, as no registry
 * gets them: they are compressed like new ones, unless the registry has them plain.
 */
async function storedLayers(
  client: RegistryClient,
  layers: readonly OutputLayer[],
): Promise<Map<OutputLayer, StoredLayer>> {
  const stored = new Map<OutputLayer, StoredLayer>();
  for (const layer of layers) {
    const { kept, diffId } = layer;
    if (kept === undefined || diffId === undefined) continue;
    const fromArchive = kept.digest === undefined || kept.mediaType === MediaType.dockerLayer;
    const plain = fromArchive && (await compressionOf(kept.blob)) === "none";
    if (!plain || (await hasBlob(client, diffId))) stored.set(layer, { kept, diffId });
  }
  return stored;
}

function familyOf(images: readonly OutputImage[], compression: LayerCompression): MediaFamily {
  const kept = images
    .flatMap(({ layers }) => layers)
    .flatMap((layer) => (layer.kept === undefined ? [] : [layer.kept]));
  const allDocker = kept.every(
    ({ mediaType }) =>
      mediaType.startsWith("application/vnd.docker.") && !isForeignLayerType(mediaType),
  );
  // Docker's manifests know no zstd.
  const zstd =
    compression.kind === "zstd" || kept.some(({ mediaType }) => mediaType.endsWith("zstd"));
  return kept.length > 0 && allDocker && !zstd ? "docker" : "oci";
}

function indexOf(pushed: readonly PushedImage[], family: MediaFamily): Uint8Array {
  return json({
    schemaVersion: 2,
    mediaType: TYPES[family].index,
    manifests: pushed.map(({ image: { platform }, manifest }) => ({
      mediaType: TYPES[family].manifest,
      digest: digestOf(manifest),
      size: manifest.length,
      platform: {
        architecture: platform.architecture,
        os: platform.os,
        ...(platform.osVersion === undefined ? {} : { "os.version": platform.osVersion }),
        ...(platform.variant === undefined ? {} : { variant: platform.variant }),
      },
    })),
  });
}

async function uploadBytes(client: RegistryClient, bytes: Uint8Array): Promise<void> {
  await uploadBlob(client, {
    async writeTo(sink) {
      await sink(bytes);
      return digestOf(bytes);
    },
  });
}

/** distribution-spec, "Pushing Manifests". */
async function putManifest(
  client: RegistryClient,
  reference: string,
  body: Uint8Array,
  mediaType: string,
): Promise<void> {
  const response = await client.request({
    method: "PUT",
    target: `manifests/${reference}`,
    action: "pull,push",
    headers: { "content-type": mediaType },
    body,
  });
  response.discard();
  const stored = response.headers["docker-content-digest"];
  if (response.status === 201 && (stored === undefined || stored === digestOf(body))) return;
  throw new TransportError(
    "refused",
    `${client.host} stored the manifest ${reference} wrongly (status ${response.status})`,
  );
}

function refuseSamePlatforms(images: readonly OutputImage[]): void {
  const seen = new Set<string>();
  for (const { platform } of images) {
    const key = `${formatPlatform(platform)} ${platform.osVersion ?? ""}`.trim();
    if (seen.has(key)) {
      throw new ImageError("invalid-request", `two images for ${key} cannot have one tag`, {
        hint: "choose one of them, or push them one by one",
      });
    }
    seen.add(key);
  }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
