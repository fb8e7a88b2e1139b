import {
  type Descriptor,
  type Digest,
  formatPlatform,
  type ImageConfig,
  ImageError,
  type ImageManifest,
  isEncryptedLayerType,
  isImageConfigType,
  isLayerType,
  type Limits,
  parseManifest,
  parsePlatform,
  platformFit,
  quote,
} from "@wharf/image";

import { chooseManifests } from "./choose-manifests.ts";
import { fetchConfig } from "./fetch-config.ts";
import { fetchManifest } from "./fetch-manifest.ts";
import type { RegistryClient } from "./registry-client.ts";

/** The documents of one image. */
export interface ImageDocuments {
  readonly manifest: ImageManifest;
  readonly manifestDigest: Digest;
  readonly config: ImageConfig & { readonly bytes: Uint8Array };
}

/**
 * Fetches and checks the documents of the images that a reference means: one, or for an index those of the platform.
 *
 * @param reference tag or digest
 * @param platform `os/architecture[/variant]`, `all`, or undefined: what runs on this machine, or the only one there is
 * @throws {ImageError} when there is none, or it is damaged, beyond a limit or none of ours to read
 */
export async function fetchImageDocuments(
  client: RegistryClient,
  reference: string,
  platform: string | undefined,
  limits: Limits,
): Promise<ImageDocuments[]> {
  const top = await fetchManifest(client, reference, limits);
  const document = parseManifest(
    top.bytes,
    `the manifest of ${client.repository}:${reference}`,
    limits,
  );
  if (document.kind === "manifest") {
    const image = await readImage(client, document, top.digest, limits);
    if (platform !== undefined && platform !== "all") refuseOtherPlatform(client, image, platform);
    return [image];
  }
  const images: ImageDocuments[] = [];
  for (const { digest } of await chooseManifests(client, document, platform, limits)) {
    const { bytes } = await fetchManifest(client, digest, limits);
    const manifest = parseManifest(bytes, `the manifest ${digest}`, limits);
    if (manifest.kind === "index")
      throw new ImageError("damaged", `the manifest ${digest} is an index`);
    images.push(await readImage(client, manifest, digest, limits));
  }
  return images;
}

async function readImage(
  client: RegistryClient,
  manifest: ImageManifest,
  manifestDigest: Digest,
  limits: Limits,
): Promise<ImageDocuments> {
  const { config: descriptor, layers } = manifest;
  // Dockers before 1.10 wrote application/octet-stream.
  if (
    !isImageConfigType(descriptor.mediaType) &&
    descriptor.mediaType !== "application/octet-stream"
  ) {
    throw new ImageError(
      "unsupported",
      `${client.repository} holds no container image but an artifact of type ${quote(descriptor.mediaType)}`,
    );
  }
  if (layers.length > limits.layers) {
    throw new ImageError(
      "limit",
      `the image has ${layers.length} layers, at most ${limits.layers} are read`,
    );
  }
  layers.forEach((layer, index) => checkLayer(layer, index + 1, limits));
  const config = await fetchConfig(client, descriptor, limits);
  if (config.diffIds.length !== layers.length) {
    throw new ImageError(
      "damaged",
      `the manifest has ${layers.length} layers, its config ${config.diffIds.length}`,
    );
  }
  return { manifest, manifestDigest, config };
}

function checkLayer({ mediaType, size }: Descriptor, layer: number, limits: Limits): void {
  if (isEncryptedLayerType(mediaType)) {
    throw new ImageError("unsupported", "the layer is encrypted", {
      layer,
      hint: "decrypt the image first",
    });
  }
  if (!isLayerType(mediaType))
    throw new ImageError("unsupported", `${quote(mediaType)} is no file system layer`, { layer });
  if (size > limits.layerBytes) {
    throw new ImageError(
      "limit",
      `${size} bytes announced, at most ${limits.layerBytes} are read`,
      { layer },
    );
  }
}

function refuseOtherPlatform(
  client: RegistryClient,
  { config }: ImageDocuments,
  wanted: string,
): void {
  if (platformFit(parsePlatform(wanted), config.platform) > 0) return;
  throw new ImageError(
    "not-found",
    `${client.host}/${client.repository} has no image for ${wanted}`,
    {
      hint: `there is only one, for ${formatPlatform(config.platform)}`,
    },
  );
}
