import type { Digest } from "../document/digest.ts";

/** What was written for one image. */
export interface WrittenImage {
  readonly names: readonly string[];
  /** The image id. */
  readonly configDigest: Digest;
  /** `undefined` in a docker-archive, which has no manifest of its own. */
  readonly manifestDigest: Digest | undefined;
  /** Lowest first. */
  readonly layers: readonly WrittenLayer[];
}

/** A layer as it was written. */
export interface WrittenLayer {
  /** Digest of the bytes as written. */
  readonly digest: Digest;
  /** Bytes as written. */
  readonly size: number;
  readonly diffId: Digest;
  readonly mediaType: string;
}
