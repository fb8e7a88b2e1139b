import type { Digest } from "../document/digest.ts";
import type { OutputImage, OutputLayer } from "../squash/output-image.ts";

/** A layer file of the archive and all layers of the images that it stands for. */
export interface LayerFile {
  readonly name: string;
  readonly layer: OutputLayer;
  readonly twins: Set<OutputLayer>;
}

/** Files are numbered, because the digest of a new layer is known only after its header has been written. */
export function layerFiles(images: readonly OutputImage[]): LayerFile[] {
  const files = new Map<Digest | OutputLayer, LayerFile>();
  for (const layer of images.flatMap((image) => image.layers)) {
    const key = layer.diffId ?? layer;
    const file = files.get(key) ?? { name: `layer-${files.size + 1}.tar`, layer, twins: new Set() };
    file.twins.add(layer);
    files.set(key, file);
  }
  return [...files.values()];
}
