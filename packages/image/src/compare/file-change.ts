/** Kinds of changes; the numbers are those in {@link FileChanges.kinds}. */
export const CHANGE_KINDS = ["added", "removed", "changed"] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/**
 * What can be another.
 *
 * - `content`: other bytes, certainly, as their number is another
 * - `time`: a file of the same length in another layer with another time of modification: its bytes may be others. With
 *   the same time as well they count as the same, as for `make` and `rsync`
 * - `target`: a symbolic link leads elsewhere
 */
export const DIFFERENCES = [
  "type",
  "content",
  "time",
  "mode",
  "owner",
  "target",
  "device",
  "xattrs",
] as const;

export type Difference = (typeof DIFFERENCES)[number];

/** Types of files; the position is the number of `EntryType`, a hard link has the type of what it shares. */
export const FILE_TYPES = [
  "file",
  "file",
  "symlink",
  "character-device",
  "block-device",
  "directory",
  "fifo",
] as const;

export type FileType = (typeof FILE_TYPES)[number];

/** One name that two images do not have alike. */
export interface FileChange {
  /** From the root, without a slash before it; printable. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** In the head, or in the base where it was removed. */
  readonly type: FileType;
  /** Bytes of data, 0 for what has none; null: it is not there. */
  readonly baseSize: number | null;
  readonly headSize: number | null;
  /** Empty unless it was changed. */
  readonly differences: readonly Difference[];
}
