import type { Digest } from "../document/digest.ts";

/** A layer as far as its file in an archive goes. */
export interface FiledLayer {
  /** Length of the file in bytes. */
  readonly size: number;
  /** Undefined for a layer that is made while it is written. */
  readonly diffId: Digest | undefined;
}

/** A layer file of the archive and all layers of the images that it stands for. */
export interface LayerFile<Layer extends FiledLayer> {
  readonly name: string;
  readonly layer: Layer;
  readonly twins: Set<Layer>;
}

/** Files are numbered, because the digest of a new layer is known only after its header has been written. */
export function layerFiles<Layer extends FiledLayer>(
  images: readonly { readonly layers: readonly Layer[] }[],
): LayerFile<Layer>[] {
  const files = new Map<Digest | Layer, LayerFile<Layer>>();
  for (const layer of images.flatMap((image) => image.layers)) {
    const key = layer.diffId ?? layer;
    const file = files.get(key) ?? { name: `layer-${files.size + 1}.tar`, layer, twins: new Set() };
    file.twins.add(layer);
    files.set(key, file);
  }
  return [...files.values()];
}
