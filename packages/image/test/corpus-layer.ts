import type { CorpusLayer } from "./corpus-case.ts";
import { layerTar } from "./tar-builder.ts";

/** The uncompressed tar of a layer. */
export function tarOf(layer: CorpusLayer): Buffer {
  if (!isStored(layer)) return layerTar(layer);
  return layer.tar ?? layer.blob;
}

/** The bytes as they are stored. */
export function blobOf(layer: CorpusLayer): Buffer {
  return isStored(layer) ? layer.blob : layerTar(layer);
}

export function isStored(layer: CorpusLayer): layer is Exclude<CorpusLayer, readonly unknown[]> {
  return "blob" in layer;
}
