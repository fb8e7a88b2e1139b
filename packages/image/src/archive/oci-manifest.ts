import { MediaType } from "../document/media-types.ts";
import type { StoredBlob } from "./layout-target.ts";

/** A layer of a manifest. */
export interface ManifestLayer extends StoredBlob {
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/**
 * Makes an OCI manifest (image-spec `manifest.md`).
 *
 * @param layers lowest first
 */
export function ociManifestBytes(
  config: StoredBlob,
  layers: readonly ManifestLayer[],
  annotations?: Readonly<Record<string, string>>,
): Buffer {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: describe({
        mediaType: MediaType.ociConfig,
        digest: config.digest,
        size: config.size,
      }),
      layers: layers.map(describe),
      ...(annotations === undefined ? {} : { annotations }),
    }),
  );
}

function describe({ mediaType, digest, size, annotations }: ManifestLayer): object {
  return { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) };
}

/** The content of `oci-layout` (image-spec `image-layout.md`, "oci-layout file"). */
export function ociLayoutBytes(): Buffer {
  return Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" }));
}
