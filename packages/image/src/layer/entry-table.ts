import { EntryType } from "../tar/entry-type.ts";

/** What a layer index remembers of an entry beside its place; a set of bits. */
export const EntryFlag = {
  /** The name in the header is clean: relative, no empty, `.` or `..` components (a leading `./` and a trailing slash aside). */
  cleanName: 1,
  /** The header cannot be copied as it is: size on a type without data, type `7`, or blocks of other headers in between. */
  rewrite: 2,
  /** Old GNU sparse file; its data map is in {@link EntryTable.sparse}. */
  gnuSparse: 4,
  /** The name comes from a `GNU.sparse.name` record. */
  paxSparse: 8,
  /** Character device 0:0, which overlay takes for a whiteout. */
  deviceZero: 16,
  /** The header has `SCHILY.xattr` records. */
  xattrs: 32,
} as const;

/** Where the data of an old GNU sparse file goes. */
export interface SparseMap {
  /** Length of the expanded file in bytes. */
  readonly realSize: number;
  /** Pairs of offset and length in bytes, ascending; the data lies one after the other. */
  readonly pieces: readonly (readonly [offset: number, length: number])[];
}

/**
 * All entries of a layer in columns, in the order of the tar. Columns keep a million entries small and move between
 * threads without a copy. Offsets count bytes of the uncompressed stream.
 */
export interface EntryTable {
  readonly count: number;
  /** First header block of the entry, extended headers included. */
  readonly headerStart: Float64Array;
  /** From there to the data. */
  readonly headerLength: Uint32Array;
  /** Bytes of data in the stream, without padding. */
  readonly size: Float64Array;
  /** `EntryType`. */
  readonly type: Uint8Array;
  /** Bits of {@link EntryFlag}. */
  readonly flags: Uint8Array;
  /** Where the raw header is in the header store, and its length there. */
  readonly rawStart: Float64Array;
  readonly rawLength: Uint32Array;
  /** Names and link names as raw bytes in {@link EntryTable.names}. */
  readonly nameStart: Float64Array;
  readonly nameLength: Uint32Array;
  readonly linkLength: Uint32Array;
  readonly names: Uint8Array;
  readonly sparse: ReadonlyMap<number, SparseMap>;
}

/** One entry on its way into the table. */
export interface NewEntry {
  readonly headerStart: number;
  readonly headerLength: number;
  readonly size: number;
  readonly type: EntryType;
  readonly flags: number;
  readonly rawStart: number;
  readonly rawLength: number;
  readonly name: string;
  readonly linkname: string;
  readonly sparse?: SparseMap | undefined;
}

/** Grows the columns by doubling. */
export class EntryTableWriter {
  #count = 0;
  #headerStart = new Float64Array(64);
  #headerLength = new Uint32Array(64);
  #size = new Float64Array(64);
  #type = new Uint8Array(64);
  #flags = new Uint8Array(64);
  #rawStart = new Float64Array(64);
  #rawLength = new Uint32Array(64);
  #nameStart = new Float64Array(64);
  #nameLength = new Uint32Array(64);
  #linkLength = new Uint32Array(64);
  #names = Buffer.allocUnsafeSlow(4096);
  #namesUsed = 0;
  readonly #sparse = new Map<number, SparseMap>();

  get count(): number {
    return this.#count;
  }

  add(entry: NewEntry): void {
    const index = this.#count++;
    if (index === this.#type.length) this.#grow(index * 2);
    this.#headerStart[index] = entry.headerStart;
    this.#headerLength[index] = entry.headerLength;
    this.#size[index] = entry.size;
    this.#type[index] = entry.type;
    this.#flags[index] = entry.flags;
    this.#rawStart[index] = entry.rawStart;
    this.#rawLength[index] = entry.rawLength;
    this.#nameStart[index] = this.#namesUsed;
    this.#nameLength[index] = entry.name.length;
    this.#linkLength[index] = entry.linkname.length;
    this.#addName(entry.name);
    this.#addName(entry.linkname);
    if (entry.sparse !== undefined) this.#sparse.set(index, entry.sparse);
  }

  /** Ends the table and cuts the columns to size. */
  seal(): EntryTable {
    const count = this.#count;
    return {
      count,
      headerStart: this.#headerStart.slice(0, count),
      headerLength: this.#headerLength.slice(0, count),
      size: this.#size.slice(0, count),
      type: this.#type.slice(0, count),
      flags: this.#flags.slice(0, count),
      rawStart: this.#rawStart.slice(0, count),
      rawLength: this.#rawLength.slice(0, count),
      nameStart: this.#nameStart.slice(0, count),
      nameLength: this.#nameLength.slice(0, count),
      linkLength: this.#linkLength.slice(0, count),
      names: new Uint8Array(this.#names.subarray(0, this.#namesUsed)),
      sparse: this.#sparse,
    };
  }

  #addName(name: string): void {
    if (this.#namesUsed + name.length > this.#names.length) {
      const larger = Buffer.allocUnsafeSlow((this.#names.length + name.length) * 2);
      this.#names.copy(larger, 0, 0, this.#namesUsed);
      this.#names = larger;
    }
    this.#namesUsed += this.#names.write(name, this.#namesUsed, "latin1");
  }

  #grow(capacity: number): void {
    this.#headerStart = grown(this.#headerStart, new Float64Array(capacity));
    this.#headerLength = grown(this.#headerLength, new Uint32Array(capacity));
    this.#size = grown(this.#size, new Float64Array(capacity));
    this.#type = grown(this.#type, new Uint8Array(capacity));
    this.#flags = grown(this.#flags, new Uint8Array(capacity));
    this.#rawStart = grown(this.#rawStart, new Float64Array(capacity));
    this.#rawLength = grown(this.#rawLength, new Uint32Array(capacity));
    this.#nameStart = grown(this.#nameStart, new Float64Array(capacity));
    this.#nameLength = grown(this.#nameLength, new Uint32Array(capacity));
    this.#linkLength = grown(this.#linkLength, new Uint32Array(capacity));
  }
}

function grown<T extends Float64Array | Uint32Array | Uint8Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

/** The name of an entry as it stands in the layer: bytes as a latin1 string. */
export function nameOf(table: EntryTable, index: number): string {
  return namesSlice(table, table.nameStart[index] ?? 0, table.nameLength[index] ?? 0);
}

/** The link name of a hard link or symlink as it stands in the layer. */
export function linknameOf(table: EntryTable, index: number): string {
  const start = (table.nameStart[index] ?? 0) + (table.nameLength[index] ?? 0);
  return namesSlice(table, start, table.linkLength[index] ?? 0);
}

function namesSlice({ names }: EntryTable, start: number, length: number): string {
  return Buffer.from(names.buffer, names.byteOffset + start, length).toString("latin1");
}

/** Bytes of names that are made text at a time. */
const WINDOW = 64 * 1024;

/** Reads the names of a table, fastest in the order of the entries: a call into the runtime costs more than a name. */
export class NameReader {
  readonly #table: EntryTable;
  readonly #bytes: Buffer;
  #window = "";
  #start = 0;

  constructor(table: EntryTable) {
    const { buffer, byteOffset, length } = table.names;
    this.#table = table;
    this.#bytes = Buffer.from(buffer, byteOffset, length);
  }

  /** The name of an entry, a slice of a longer text: not to be kept. */
  name(index: number): string {
    const start = this.#table.nameStart[index] ?? 0;
    const length = this.#table.nameLength[index] ?? 0;
    if (start < this.#start || start + length > this.#start + this.#window.length) {
      this.#start = start;
      this.#window = this.#bytes.toString("latin1", start, start + Math.max(length, WINDOW));
    }
    return this.#window.slice(start - this.#start, start - this.#start + length);
  }

  /** A part of the name of an entry, to be kept. */
  part(index: number, from: number, to: number): string {
    const start = this.#table.nameStart[index] ?? 0;
    return this.#bytes.toString("latin1", start + from, start + to);
  }
}
