import type { ByteSink } from "../source/byte-source.ts";
import type { Digest } from "../document/digest.ts";
import type { ImageLayer, Platform } from "../image.ts";

/** A layer on its way out: kept as it was, or made from a plan. */
export interface OutputLayer {
  /** Exact length of the uncompressed tar in bytes, known before the first byte. */
  readonly size: number;
  /** Set for a layer that is kept: its verified diffID. */
  readonly diffId: Digest | undefined;
  /** Set for a layer that is kept: its stored bytes can be reused as they are, so its digest stays the same. */
  readonly kept: ImageLayer | undefined;
  /** Writes the uncompressed tar, always the same bytes. */
  writeTo(sink: ByteSink, signal?: AbortSignal): Promise<void>;
}

/** An image that is ready to be written to an archive, a layout, an engine or a registry. */
export interface OutputImage {
  /** Names and tags; may be empty. */
  readonly names: readonly string[];
  readonly platform: Platform;
  readonly layers: readonly OutputLayer[];
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Settles when all bytes that the layers are made from were found to be what their source claims. A writer waits for
   * it before it writes the config, so that nothing damaged ever becomes a complete image.
   */
  readonly verified?: Promise<void>;
  /** The config for these layers, lowest first. Its length does not depend on the digests. */
  config(diffIds: readonly Digest[]): Uint8Array;
}
