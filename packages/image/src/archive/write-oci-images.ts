import type { Digest } from "../document/digest.ts";
import { digestOf } from "../document/digest.ts";
import type { OutputImage } from "../squash/output-image.ts";
import type { LayoutTarget, StoredBlob } from "./layout-target.ts";
import { ociIndex } from "./oci-index.ts";
import type { NamedManifest } from "./oci-index.ts";
import { ociLayoutBytes, ociManifestBytes } from "./oci-manifest.ts";
import type { ManifestLayer } from "./oci-manifest.ts";
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
  await target.file("oci-layout", ociLayoutBytes());
  const layerWriter = new OciLayerWriter(target, images, options);
  const written: WrittenImage[] = [];
  const manifests: NamedManifest[] = [];
  for (const image of images) {
    const layers: WrittenLayer[] = [];
    for (const layer of image.layers) layers.push(await layerWriter.write(layer));
    await image.verified;
    const config = await storeBytes(target, image.config(layers.map(({ diffId }) => diffId)));
    const bytes = ociManifestBytes(config, layers.map(describedIn(image)), image.annotations);
    const manifest = await storeBytes(target, bytes);
    manifests.push({ names: image.names, platform: image.platform, ...manifest });
    written.push({
      names: image.names,
      configDigest: config.digest,
      manifestDigest: manifest.digest,
      layers,
    });
  }
  const { index, nested } = ociIndex(manifests);
  for (const bytes of nested) await storeBytes(target, bytes);
  await target.file("index.json", index);
  return written;
}

async function storeBytes(target: LayoutTarget, bytes: Uint8Array): Promise<StoredBlob> {
  const blob = { digest: digestOf(bytes), size: bytes.length };
  return target.blob((sink) => sink(bytes), blob);
}

function describedIn(image: OutputImage): (layer: WrittenLayer, number: number) => ManifestLayer {
  return (layer, number) => ({
    ...layer,
    annotations: keptAnnotations(image, number, layer.digest),
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
