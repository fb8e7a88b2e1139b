import type { Digest } from "../document/digest.ts";
import type { EntryTable } from "./entry-table.ts";
import type { HeaderBlocks } from "./header-store.ts";

/**
 * Everything about a layer that flattening needs, made in one pass over it: afterwards squashing is arithmetic on
 * indexes. Plain data, so it moves between threads.
 */
export interface LayerIndex {
  readonly table: EntryTable;
  /** Raw header bytes of every entry. */
  readonly headers: HeaderBlocks;
  /** Length of the uncompressed tar stream in bytes, all of it. */
  readonly size: number;
  /** Digest of the uncompressed stream. */
  readonly diffId: Digest;
  /** Digest of the stored bytes. */
  readonly digest: Digest;
  /** Length of the stored bytes. */
  readonly storedSize: number;
  readonly warnings: readonly LayerWarning[];
}

/** A decision that was taken while one layer was read; the rule is a number in `docs/layer-rules.md`. */
export interface LayerWarning {
  readonly rule: number;
  readonly message: string;
  /** Bytes as a latin1 string. */
  readonly path?: string;
}
