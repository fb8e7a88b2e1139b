import type { ByteSource } from "./source/byte-source.ts";
import type { Digest } from "./document/digest.ts";

/** One layer of an image that was read, lowest first in {@link Image.layers}. */
export interface ImageLayer {
  /** The bytes as stored: plain tar, gzip or zstd; told apart by content, never by media type. */
  readonly blob: ByteSource;
  /** As the manifest says; docker-archives have none and get the plain or gzip Docker type. */
  readonly mediaType: string;
  /** Digest of the stored bytes, when the source names one. Not yet verified: the layer index does that. */
  readonly digest: Digest | undefined;
  /**
   * Digest of the uncompressed tar, from the config (image-spec `config.md`, `rootfs.diff_ids`). Not yet verified.
   * Archives of Docker 1.6 to 1.9 name none; there the layer index computes it.
   */
  readonly diffId: Digest | undefined;
  /** Descriptor annotations, kept for layers that stay. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Directory name of the layer in a docker-archive (`docker save` up to 24): what docker-squash's `-from` took. */
  readonly v1Id?: string;
}

/** An image for one platform, read but not changed. */
export interface Image {
  /** Names and tags under which the source holds it, such as `python:2.7.11` or `registry.example.com/team/app:1`. */
  readonly names: readonly string[];
  /** The config, byte for byte (image-spec `config.md`). */
  readonly config: Uint8Array;
  readonly configDigest: Digest;
  /** Digest of the manifest, when the source has one. */
  readonly manifestDigest: Digest | undefined;
  /** Manifest annotations, kept on output. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform: Platform;
  readonly layers: readonly ImageLayer[];
}

/** image-spec `image-index.md`, `platform`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
}

/** Everything one archive, layout, registry reference or engine holds. Closing it frees descriptors and spooled data. */
export interface ImageSource extends AsyncDisposable {
  /** Never empty. One entry for each image and platform, attestations left out. */
  readonly images: readonly Image[];
}
