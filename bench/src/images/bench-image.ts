/** An image on disk that a suite measures with, and what is known about it. Stored as `image.json` beside the forms. */
export interface BenchImage {
  readonly name: string;
  /** The tag in both forms. */
  readonly reference: string;
  /** A docker-archive with plain layers. */
  readonly archive: string;
  /** An OCI layout folder with `gzip -6` layers; undefined where the image is only needed as archive. */
  readonly oci: string | undefined;
  /** Files of the gzip layers, from the lowest on. */
  readonly gzipLayers: readonly string[];
  /** Digest of the config, to tell whether two runs measured the same image. */
  readonly id: string;
  readonly layers: readonly { readonly bytes: number; readonly entries: number | undefined }[];
}
