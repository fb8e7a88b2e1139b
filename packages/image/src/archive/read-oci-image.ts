import type { ByteSource } from "../source/byte-source.ts";
import { parseImageConfig, refuseWindows } from "../document/image-config.ts";
import type { ImageConfig } from "../document/image-config.ts";
import { ImageError } from "../image-error.ts";
import type { Image, ImageLayer } from "../image.ts";
import type { Limits } from "../limits.ts";
import type { Descriptor, ImageManifest } from "../document/manifest.ts";
import {
  dockerLayerType,
  isEncryptedLayerType,
  isImageConfigType,
  isLayerType,
} from "../document/media-types.ts";
import { quote } from "../document/quote.ts";
import type { ArchiveFiles } from "./archive-files.ts";
import { blobFile, readBlob } from "./blob-file.ts";
import { checkLayerCount } from "./layer-count.ts";
import { missingLayer } from "./missing-layer.ts";

/**
 * Reads the config of one manifest and finds its layers.
 *
 * @returns the image, or the reason why this one cannot be used although the layout is sound
 * @throws {ImageError} `damaged` or `limit`
 */
export async function readOciImage(
  files: ArchiveFiles,
  descriptor: Descriptor,
  manifest: ImageManifest,
  names: readonly string[],
  limits: Limits,
): Promise<Image | ImageError> {
  const what = `manifest ${descriptor.digest}`;
  try {
    refuseWindows(descriptor.platform ?? {}, what);
    refuseArtifacts(manifest, what);
    const { digest } = manifest.config;
    const bytes = await readBlob(files, manifest.config, `config ${digest}`, limits);
    if (bytes === undefined)
      return new ImageError("damaged", `config ${digest} is missing from ${files.what}`);
    const config = parseImageConfig(bytes, `config ${digest}`, limits);
    checkLayerCount(manifest.layers.length, config.diffIds.length, what, limits);
    return {
      names,
      config: bytes,
      configDigest: digest,
      manifestDigest: descriptor.digest,
      ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
      platform: { ...config.platform, ...descriptor.platform },
      layers: await findLayers(files, manifest.layers, config),
    };
  } catch (error) {
    if (error instanceof ImageError && error.code === "unsupported") return error;
    throw error;
  }
}

/** Layouts also hold signatures, charts and other things in the form of manifests. */
function refuseArtifacts(manifest: ImageManifest, what: string): void {
  const type = manifest.config.mediaType;
  if (type !== "" && !isImageConfigType(type)) {
    throw new ImageError(
      "unsupported",
      `${what} is no container image: its config has type ${quote(type)}`,
    );
  }
  for (const [index, { mediaType, digest }] of manifest.layers.entries()) {
    const layer = index + 1;
    if (isEncryptedLayerType(mediaType)) {
      throw new ImageError("unsupported", `the layer ${digest} of ${what} is encrypted`, {
        layer,
        hint: "decrypt the image first, for example: skopeo copy --decryption-key KEY SOURCE DESTINATION",
      });
    }
    if (mediaType !== "" && !isLayerType(mediaType)) {
      throw new ImageError(
        "unsupported",
        `${what} is no container image: a layer has type ${quote(mediaType)}`,
        { layer },
      );
    }
  }
}

async function findLayers(
  files: ArchiveFiles,
  descriptors: readonly Descriptor[],
  config: ImageConfig,
): Promise<ImageLayer[]> {
  const layers: ImageLayer[] = [];
  for (const [index, descriptor] of descriptors.entries()) {
    layers.push({
      blob: await findBlob(files, descriptor, index + 1),
      mediaType: descriptor.mediaType === "" ? dockerLayerType("none") : descriptor.mediaType,
      digest: descriptor.digest,
      diffId: config.diffIds[index],
      ...(descriptor.annotations === undefined ? {} : { annotations: descriptor.annotations }),
    });
  }
  return layers;
}

async function findBlob(
  files: ArchiveFiles,
  descriptor: Descriptor,
  number: number,
): Promise<ByteSource> {
  const { digest, size } = descriptor;
  const blob = await files.find(blobFile(digest));
  if (blob === undefined)
    return missingLayer({ number, name: digest, where: files.what }, descriptor);
  if (blob.size !== size) {
    throw new ImageError(
      "damaged",
      `the layer ${digest} has ${blob.size} bytes, its descriptor says ${size}`,
      { layer: number },
    );
  }
  return blob;
}
