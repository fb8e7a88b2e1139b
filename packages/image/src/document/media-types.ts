import type { Compression } from "../compression/compression.ts";

/** image-spec `media-types.md` and distribution's `manifest-v2-2.md`. */
export const MediaType = {
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociLayer: "application/vnd.oci.image.layer.v1.tar",
  ociNondistributableLayer: "application/vnd.oci.image.layer.nondistributable.v1.tar",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar",
  dockerForeignLayer: "application/vnd.docker.image.rootfs.foreign.diff.tar",
} as const;

/** A list of manifests, one for each platform. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === MediaType.ociIndex || mediaType === MediaType.dockerIndex;
}

/** A manifest of one image. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === MediaType.ociManifest || mediaType === MediaType.dockerManifest;
}

/** Docker's manifests from before 2016, with or without signature. */
export function isSchema1Type(mediaType: string): boolean {
  return mediaType.startsWith("application/vnd.docker.distribution.manifest.v1+");
}

export function isImageConfigType(mediaType: string): boolean {
  return mediaType === MediaType.ociConfig || mediaType === MediaType.dockerConfig;
}

/** A file system layer, whatever its compression. */
export function isLayerType(mediaType: string): boolean {
  return (
    mediaType.startsWith("application/vnd.oci.image.layer.") ||
    mediaType.startsWith("application/vnd.docker.image.rootfs.")
  );
}

/** A layer that is fetched from elsewhere: Docker's foreign layers, OCI's non-distributable ones. */
export function isForeignLayerType(mediaType: string): boolean {
  return (
    mediaType.startsWith(MediaType.dockerForeignLayer) ||
    mediaType.startsWith(MediaType.ociNondistributableLayer)
  );
}

/** A layer encrypted with ocicrypt: `…+encrypted`. */
export function isEncryptedLayerType(mediaType: string): boolean {
  return mediaType.endsWith("+encrypted");
}

/** Docker's type for a layer of this compression. */
export function dockerLayerType(compression: Compression): string {
  return compression === "none" ? MediaType.dockerLayer : `${MediaType.dockerLayer}.${compression}`;
}

/**
 * The OCI type for a layer of this compression. The digest does not change with the type.
 *
 * @param mediaType the type it had so far: a foreign layer becomes a non-distributable one
 */
export function ociLayerType(
  compression: Compression,
  mediaType: string = MediaType.ociLayer,
): string {
  const base = isForeignLayerType(mediaType)
    ? MediaType.ociNondistributableLayer
    : MediaType.ociLayer;
  return compression === "none" ? base : `${base}+${compression}`;
}
