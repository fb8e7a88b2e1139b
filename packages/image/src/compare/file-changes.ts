import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { CHANGE_KINDS, DIFFERENCES, FILE_TYPES } from "./file-change.ts";
import type { ChangeKind, FileChange } from "./file-change.ts";

/** Names and bytes of data. */
export interface Totals {
  count: number;
  bytes: number;
}

/** What two images differ in, counted as a whole. */
export interface ChangeSummary {
  /** All names of each image, directories included. */
  readonly base: Totals;
  readonly head: Totals;
  readonly added: Totals;
  readonly removed: Totals;
  /** Bytes: in the head. */
  readonly changed: Totals;
  /** Changed names by what is another. */
  readonly differing: Record<(typeof DIFFERENCES)[number], number>;
}

/** The names that two images do not have alike, packed: some ten bytes each. Plain data, so it moves between threads. */
export interface FileChanges {
  readonly summary: ChangeSummary;
  /** Of each row, a number of {@link CHANGE_KINDS}. */
  readonly kinds: Uint8Array;
  /** Rows, {@link BLOCK_ROWS} in a zstd frame. */
  readonly blocks: Uint8Array;
  /** Where each frame ends. */
  readonly ends: Uint32Array;
  /** Some rows were left out: there were more than {@link MOST_ROWS}. The summary has all. */
  readonly isTruncated: boolean;
}

/** Rows that are kept. */
export const MOST_ROWS = 500_000;

const BLOCK_ROWS = 128;

type Row = readonly [
  path: string,
  type: number,
  baseSize: number | null,
  headSize: number | null,
  differences: number,
];

/** Takes changes one after the other. */
export class FileChangesWriter {
  readonly #kinds: number[] = [];
  readonly #blocks: Buffer[] = [];
  readonly #ends: number[] = [];
  #rows: Row[] = [];
  #bytes = 0;
  #isTruncated = false;

  add({ path, kind, type, baseSize, headSize, differences }: FileChange): void {
    if (this.#kinds.length === MOST_ROWS) {
      this.#isTruncated = true;
      return;
    }
    const bits = differences.reduce((sum, name) => sum | (1 << DIFFERENCES.indexOf(name)), 0);
    this.#kinds.push(CHANGE_KINDS.indexOf(kind));
    this.#rows.push([path, FILE_TYPES.indexOf(type), baseSize, headSize, bits]);
    if (this.#rows.length === BLOCK_ROWS) this.#close();
  }

  seal(summary: ChangeSummary): FileChanges {
    if (this.#rows.length > 0) this.#close();
    return {
      summary,
      kinds: Uint8Array.from(this.#kinds),
      blocks: new Uint8Array(Buffer.concat(this.#blocks)),
      ends: Uint32Array.from(this.#ends),
      isTruncated: this.#isTruncated,
    };
  }

  #close(): void {
    const block = zstdCompressSync(JSON.stringify(this.#rows), {
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    });
    this.#blocks.push(Buffer.from(block)); // a copy of its own size: the encoder's buffer is much larger
    this.#bytes += block.length;
    this.#ends.push(this.#bytes);
    this.#rows = [];
  }
}

/**
 * Some rows in their order.
 *
 * @param from number of the row to begin with
 * @param kind only those; undefined: all
 * @returns `next` is the row to go on with; undefined: there is none
 */
export function readFileChanges(
  changes: FileChanges,
  from: number,
  limit: number,
  kind?: ChangeKind,
): { readonly changes: readonly FileChange[]; readonly next: number | undefined } {
  const wanted = kind === undefined ? undefined : CHANGE_KINDS.indexOf(kind);
  const found: FileChange[] = [];
  let block: { readonly number: number; readonly rows: readonly Row[] } | undefined;
  for (let at = from; at < changes.kinds.length; at++) {
    if (wanted !== undefined && changes.kinds[at] !== wanted) continue;
    if (found.length === limit) return { changes: found, next: at };
    const number = Math.floor(at / BLOCK_ROWS);
    if (block?.number !== number) block = { number, rows: readBlock(changes, number) };
    const row = block.rows[at % BLOCK_ROWS];
    if (row === undefined) throw new RangeError(`no change ${at}`);
    found.push(changeOf(row, CHANGE_KINDS[changes.kinds[at] ?? 0] ?? "changed"));
  }
  return { changes: found, next: undefined };
}

function readBlock({ blocks, ends }: FileChanges, number: number): Row[] {
  const start = number === 0 ? 0 : (ends[number - 1] ?? 0);
  const frame = blocks.subarray(start, ends[number]);
  return JSON.parse(zstdDecompressSync(frame).toString("utf8")) as Row[]; // written by the class above
}

function changeOf(
  [path, type, baseSize, headSize, differences]: Row,
  kind: ChangeKind,
): FileChange {
  return {
    path,
    kind,
    type: FILE_TYPES[type] ?? "file",
    baseSize,
    headSize,
    differences: DIFFERENCES.filter((_, bit) => (differences & (1 << bit)) !== 0),
  };
}
