/** Something that was decided for an image that has no clean meaning; the squash went on. Numbers of rules as in `docs/layer-rules.md`. */
export interface SquashWarning {
  /** Number of the layer, the lowest is 1. */
  readonly layer: number;
  /** Path inside the layer, printable: bytes that are not UTF-8 are shown as `\xNN`. Absent for the layer as a whole. */
  readonly path?: string;
  readonly message: string;
  /** Rule in `docs/layer-rules.md`. */
  readonly rule: number;
}

/** What one layer of the source brings and what is left of it. Bytes are tar bytes: headers, data and padding. */
export interface LayerReport {
  /** Number of the layer, the lowest is 1. */
  readonly number: number;
  /** Uncompressed bytes. */
  readonly size: number;
  /** Stored bytes, as they are in the source. */
  readonly storedSize: number;
  /** Entries in the tar, markers included. */
  readonly entries: number;
  /** Paths that no lower layer shows. */
  readonly added: number;
  /** Paths that a lower layer shows and this layer replaces or changes. */
  readonly changed: number;
  /** Paths of lower layers that are gone after this layer, those below a deleted directory counted too. */
  readonly hidden: number;
  /** Bytes of this layer that the flattened image still needs. */
  readonly contributedBytes: number;
  /** `size` without {@link contributedBytes}: what is carried around for nothing. */
  readonly wastedBytes: number;
  /** The command that made the layer, from the history of the config; empty when unknown. */
  readonly createdBy: string;
}

/** Bytes that no reader of the image can see, by path. */
export interface DeadWeight {
  /** Printable path. */
  readonly path: string;
  /** Layer that holds the bytes. */
  readonly layer: number;
  /** Layer that hides them. */
  readonly hiddenBy: number;
  /** Tar bytes. */
  readonly bytes: number;
}

/** The numbers behind a squash; also what `--dry-run` and `wharf inspect` show. */
export interface SquashReport {
  readonly layersBefore: number;
  readonly layersAfter: number;
  /** Uncompressed bytes of all layers of the source. */
  readonly bytesBefore: number;
  /** Uncompressed bytes of all layers of the result, exact. */
  readonly bytesAfter: number;
  /** Number of layers that stay as they are at the bottom. */
  readonly keptBase: number;
  readonly layers: readonly LayerReport[];
  /** Largest first, at most 1,000. Directories hidden as a whole are one row. */
  readonly deadWeight: readonly DeadWeight[];
  readonly warnings: readonly SquashWarning[];
}
