import { canonicalImageName } from "../document/image-name.ts";
import type { Image } from "../image.ts";
import { isMissingLayer } from "./missing-layer.ts";
import type { FoundImages } from "./read-images.ts";

/**
 * Docker 25 and newer write an OCI layout and a `manifest.json` over the same blobs. OCI says more (media types,
 * platforms), so it leads; `manifest.json` adds what only it has: untagged images beside tagged ones, names, and
 * the files of layers whose descriptors name blobs that are not in the archive.
 */
export function mergeHybrid(oci: FoundImages, docker: FoundImages): FoundImages {
  const named = new Set(oci.images.flatMap((image) => image.names.map(canonicalImageName)));
  const images = [...oci.images];
  for (const other of docker.images) {
    const names = other.names.filter((name) => !named.has(canonicalImageName(name)));
    const at = images.findIndex((image) => image.configDigest === other.configDigest);
    const image = images[at];
    if (image === undefined) images.push(other);
    else images[at] = withDockerFacts(image, other, names);
  }
  return { images, refused: [...oci.refused, ...docker.refused] };
}

function withDockerFacts(image: Image, docker: Image, names: readonly string[]): Image {
  return {
    ...image,
    names: [...image.names, ...names],
    layers: image.layers.map((layer, index) => {
      const other = docker.layers[index];
      if (other === undefined) return layer;
      if (isMissingLayer(layer.blob) && !isMissingLayer(other.blob)) return other;
      return { ...layer, ...(other.v1Id === undefined ? {} : { v1Id: other.v1Id }) };
    }),
  };
}
