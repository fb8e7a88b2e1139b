import type { Digest } from "../document/digest.ts";
import { digestOf } from "../document/digest.ts";
import { MediaType } from "../document/media-types.ts";
import type { OutputImage } from "../squash/output-image.ts";
import type { LayoutTarget, StoredBlob } from "./layout-target.ts";
import { ociIndex } from "./oci-index.ts";
import type { IndexedManifest } from "./oci-index.ts";
import { OciLayerWriter } from "./oci-layer-writer.ts";
import type { OciOptions } from "./write-oci-layout.ts";
import type { WrittenImage, WrittenLayer } from "./written-image.ts";

/**
 * Writes the files of an OCI layout: `oci-layout` first, for each image layers, config and manifest, `index.json` last.
 */
export async function writeOciImages(
  images: readonly OutputImage[],
  target: LayoutTarget,
  options: OciOptions,
): Promise<WrittenImage[]> {
  await target.file("oci-layout", jsonBytes({ imageLayoutVersion: "1.0.0" }));
  const layerWriter = new OciLayerWriter(target, images, options);
  const written: WrittenImage[] = [];
  const manifests: IndexedManifest[] = [];
  for (const image of images) {
    const layers: WrittenLayer[] = [];
    for (const layer of image.layers) layers.push(await layerWriter.write(layer));
    await image.verified;
    const config = await storeBytes(target, image.config(layers.map(({ diffId }) => diffId)));
    const manifest = await storeBytes(target, manifestBytes(image, config, layers));
    manifests.push({ image, manifest });
    written.push({
      names: image.names,
      configDigest: config.digest,
      manifestDigest: manifest.digest,
      layers,
    });
  }
  const storeIndex = (bytes: Uint8Array): Promise<StoredBlob> => storeBytes(target, bytes);
  await target.file("index.json", await ociIndex(manifests, storeIndex));
  return written;
}

async function storeBytes(target: LayoutTarget, bytes: Uint8Array): Promise<StoredBlob> {
  const blob = { digest: digestOf(bytes), size: bytes.length };
  return target.blob((sink) => sink(bytes), blob);
}

/** image-spec `manifest.md`. */
function manifestBytes(
  image: OutputImage,
  config: StoredBlob,
  layers: readonly WrittenLayer[],
): Buffer {
  return jsonBytes({
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: describe(MediaType.ociConfig, config),
    layers: layers.map((layer, index) => {
      const annotations = keptAnnotations(image, index, layer.digest);
      return {
        ...describe(layer.mediaType, layer),
        ...(annotations === undefined ? {} : { annotations }),
      };
    }),
    ...(image.annotations === undefined ? {} : { annotations: image.annotations }),
  });
}

/** Annotations such as eStargz's speak of the stored bytes, so they go where those stay. */
function keptAnnotations(
  image: OutputImage,
  index: number,
  digest: Digest,
): Readonly<Record<string, string>> | undefined {
  const kept = image.layers[index]?.kept;
  return kept !== undefined && (kept.digest ?? digest) === digest ? kept.annotations : undefined;
}

function describe(mediaType: string, { digest, size }: StoredBlob): Record<string, unknown> {
  return { mediaType, digest, size };
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
