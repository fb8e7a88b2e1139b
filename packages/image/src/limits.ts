/** Bounds against hostile input. Each has a default that real images stay far below. */
export interface Limits {
  /** Uncompressed bytes of one layer. */
  readonly layerBytes: number;
  /** Uncompressed bytes per stored byte; counts only beyond {@link Limits.ratioFreeBytes}. */
  readonly expansionRatio: number;
  /** Uncompressed bytes of one layer that are never held against {@link Limits.expansionRatio}. */
  readonly ratioFreeBytes: number;
  /** Entries of one layer. */
  readonly layerEntries: number;
  /** Entries of all layers of an image together. */
  readonly imageEntries: number;
  /** Bytes of names and maps of sparse files that are held in memory for one layer. */
  readonly layerNameBytes: number;
  /** Bytes of one block of PAX records or one GNU long name (Go's archive/tar, and so every engine, stops at 1 MiB). */
  readonly extendedHeaderBytes: number;
  /** Bytes of a path or link target (Linux PATH_MAX). */
  readonly pathBytes: number;
  /** Components of a path. */
  readonly pathDepth: number;
  /** Bytes of a manifest, index or config. */
  readonly jsonBytes: number;
  /** Layers of an image. */
  readonly layers: number;
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  layerBytes: 256 * 2 ** 30,
  expansionRatio: 500,
  ratioFreeBytes: 2 * 2 ** 30,
  layerEntries: 4_000_000,
  imageEntries: 6_000_000,
  layerNameBytes: 2 ** 30,
  extendedHeaderBytes: 2 ** 20,
  pathBytes: 4096,
  pathDepth: 1024,
  jsonBytes: 8 * 2 ** 20,
  layers: 10_000,
});
