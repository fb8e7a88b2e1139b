// One thing: the state machine that turns the bytes of a layer tar into its entries. Split up, the states would have
// to share all of their fields.
import { EntryFlag, EntryTableWriter } from "./entry-table.ts";
import type { EntryTable, SparseMap } from "./entry-table.ts";
import { HeaderStoreWriter } from "./header-store.ts";
import type { HeaderBlocks } from "./header-store.ts";
import { ImageError } from "../image-error.ts";
import type { LayerWarning } from "./layer-index.ts";
import type { Limits } from "../limits.ts";
import { printablePath } from "../printable-path.ts";
import { parseSparseExtension, parseSparseHeader } from "../tar/gnu-sparse.ts";
import { EntryType, TypeFlag } from "../tar/entry-type.ts";
import { parsePaxRecords } from "../tar/pax-records.ts";
import { untilNul } from "../tar/raw-header.ts";
import {
  BLOCK,
  checkMetadataNumbers,
  FIELD,
  isZeroBlock,
  paddedSize,
  parseTarHeader,
} from "../tar/tar-header.ts";
import type { TarHeader } from "../tar/tar-header.ts";
import { parseTarNumber } from "../tar/tar-number.ts";

/** Memory that a piece of a sparse file takes, roughly. */
const PIECE_BYTES = 64;

/** Warnings kept of one layer; a hostile layer could have millions. */
const MAX_WARNINGS = 1000;

/** Values of PAX records that change how an entry is read; unknown keys stay in the raw header. */
interface Extended {
  path?: string;
  linkpath?: string;
  size?: number;
  paxSparse?: boolean;
  xattrs?: boolean;
}

const NOTHING_EXTENDED: Extended = Object.freeze({});

/**
 * Reads a layer tar as it streams by. Feed every byte to {@link push} in order, then call {@link finish}.
 * Understands ustar, pax and GNU tar; follows Go's archive/tar, which every container engine uses, in what is accepted.
 */
export class LayerIndexer {
  readonly #limits: Limits;
  readonly #layer: number | undefined;
  readonly #table = new EntryTableWriter();
  readonly #headers = new HeaderStoreWriter();
  readonly #warnings: LayerWarning[] = [];

  /** Bytes seen so far. */
  #position = 0;
  /** Data and padding still to be passed over; kept apart because padding may be missing at the very end. */
  #skipData = 0;
  #skipPadding = 0;
  /** What sparse files expand to. */
  #sparseBytes = 0;
  /** A block or extended header that is being put together. */
  #partial: Buffer = Buffer.allocUnsafeSlow(BLOCK);
  #partialUsed = 0;
  #partialWanted = BLOCK;
  #state: "header" | "extended" | "sparse" | "end-block" | "ended" = "header";

  /** Raw blocks of the entry whose main header has not come yet, and where they start. */
  #group: Buffer[] = [];
  #groupStart = 0;
  #groupBroken = false;
  #extendedType = 0;
  #extended: Extended = NOTHING_EXTENDED;
  #longName: string | undefined;
  #longLink: string | undefined;
  /** Bytes of names and sparse maps so far. */
  #heldBytes = 0;
  /** Name of the entry whose data is being passed over. */
  #lastName = "";
  #pendingSparse: { header: TarHeader; realSize: number; pieces: [number, number][] } | undefined;

  /** @param layer number of the layer, for errors */
  constructor(limits: Limits, layer?: number) {
    this.#limits = limits;
    this.#layer = layer;
  }

  /**
   * Takes the next bytes of the uncompressed stream; they may be reused afterwards.
   *
   * @throws {ImageError} with layer, offset and path
   */
  push(chunk: Buffer): void {
    let position = 0;
    while (position < chunk.length) {
      if (this.#state === "ended") {
        this.#position += chunk.length - position;
        return;
      }
      if (this.#skipData > 0 || this.#skipPadding > 0) {
        position += this.#skip(chunk.length - position);
        continue;
      }
      if (this.#partialUsed === 0 && chunk.length - position >= this.#partialWanted) {
        const block = chunk.subarray(position, position + this.#partialWanted);
        position += block.length;
        this.#take(block);
        continue;
      }
      const count = Math.min(chunk.length - position, this.#partialWanted - this.#partialUsed);
      if (this.#partial.length < this.#partialWanted) this.#growPartial();
      chunk.copy(this.#partial, this.#partialUsed, position, position + count);
      this.#partialUsed += count;
      position += count;
      if (this.#partialUsed === this.#partialWanted) {
        this.#partialUsed = 0;
        this.#take(this.#partial.subarray(0, this.#partialWanted));
      }
    }
  }

  /**
   * Passes over bytes that hold no header, so that they need not be read.
   *
   * @param available how many bytes follow in the layer
   * @returns how many of them are not wanted
   */
  skip(available: number): number {
    if (this.#state !== "ended") return this.#skip(available);
    this.#position += available;
    return available;
  }

  /** Ends the layer; a tar without its end blocks is accepted, one that is cut inside an entry is not. */
  finish(): {
    table: EntryTable;
    headers: HeaderBlocks;
    size: number;
    warnings: readonly LayerWarning[];
  } {
    if (this.#skipData > 0) {
      const missing = `${this.#skipData} bytes of data are missing`;
      this.#fail("damaged", `the tar is cut short: ${missing}`, this.#lastName);
    }
    if (this.#partialUsed > 0 && this.#state !== "end-block") {
      this.#fail("damaged", "the tar is cut short: it ends within a header");
    }
    if (this.#group.length > 0 && this.#state !== "ended") {
      this.#fail("damaged", "the tar is cut short: an extended header has no entry");
    }
    return {
      table: this.#table.seal(),
      headers: this.#headers.seal(),
      size: this.#position + this.#partialUsed, // less than a block may follow a single zero block
      warnings: this.#warnings,
    };
  }

  #skip(available: number): number {
    const data = Math.min(available, this.#skipData);
    this.#skipData -= data;
    const padding = Math.min(available - data, this.#skipPadding);
    this.#skipPadding -= padding;
    this.#position += data + padding;
    return data + padding;
  }

  #growPartial(): void {
    const larger = Buffer.allocUnsafeSlow(this.#partialWanted);
    this.#partial.copy(larger, 0, 0, this.#partialUsed);
    this.#partial = larger;
  }

  #take(block: Buffer): void {
    if (this.#state === "header") this.#takeHeader(block);
    else if (this.#state === "extended") this.#takeExtended(block);
    else if (this.#state === "sparse") this.#takeSparse(block);
    else this.#takeAfterEnd(block);
    this.#position += block.length;
  }

  #takeHeader(block: Buffer): void {
    if (block[0] === 0 && isZeroBlock(block)) {
      if (this.#group.length > 0) this.#fail("damaged", "an extended header has no entry");
      this.#state = "end-block";
      return;
    }
    const header = this.#parse(block);
    if (this.#group.length === 0) this.#groupStart = this.#position;
    switch (header.type) {
      case TypeFlag.paxHeader:
      case TypeFlag.paxGlobal:
      case TypeFlag.gnuLongName:
      case TypeFlag.gnuLongLink:
        if (header.size > this.#limits.extendedHeaderBytes) {
          this.#fail(
            "limit",
            `an extended header of ${header.size} bytes, allowed are ${this.#limits.extendedHeaderBytes}`,
          );
        }
        this.#checkGroup(header.size);
        this.#extendedType = header.type;
        this.#group.push(Buffer.from(block));
        if (header.size === 0) this.#takeExtendedData(Buffer.alloc(0));
        else this.#expect("extended", paddedSize(header.size), header.size);
        return;
      case TypeFlag.gnuVolume:
        this.#checkGroup(header.size);
        this.#warn(35, "a volume label is no content and was skipped", header.name);
        this.#skipOver(header.size);
        if (this.#group.length > 0) this.#groupBroken = true;
        return;
      case TypeFlag.gnuSparse: {
        const sparse = this.#tolerate(() => parseSparseHeader(block));
        this.#group.push(Buffer.from(block));
        this.#pendingSparse = { header, ...sparse };
        if (sparse.continues) this.#expect("sparse", BLOCK, 0);
        else this.#addSparse();
        return;
      }
      default:
        this.#group.push(block); // used up before the block is
        this.#addEntry(header, block);
    }
  }

  /** A name, a link name and records may each be as long as allowed; what belongs to one entry is held in memory. */
  #checkGroup(size: number): void {
    const limit = 4 * this.#limits.extendedHeaderBytes;
    if (this.#group.length === 0 || this.#position + BLOCK + size - this.#groupStart <= limit)
      return;
    this.#fail("limit", `more than ${limit} bytes of extended headers before an entry`);
  }

  #extendedSize = 0;

  #expect(state: "extended" | "sparse", bytes: number, size: number): void {
    this.#state = state;
    this.#partialWanted = bytes;
    this.#extendedSize = size;
  }

  #expectHeader(): void {
    this.#state = "header";
    this.#partialWanted = BLOCK;
  }

  #takeExtended(block: Buffer): void {
    this.#expectHeader();
    this.#group.push(Buffer.from(block));
    this.#takeExtendedData(block.subarray(0, this.#extendedSize));
  }

  #takeExtendedData(data: Buffer): void {
    // An empty long name changes nothing, as in Go.
    if (this.#extendedType === TypeFlag.gnuLongName) this.#longName = untilNul(data) || undefined;
    else if (this.#extendedType === TypeFlag.gnuLongLink)
      this.#longLink = untilNul(data) || undefined;
    else if (this.#extendedType === TypeFlag.paxHeader) this.#extended = this.#readRecords(data);
    else this.#dropGlobal(data);
  }

  /** Engines ignore the records of a global header (rule 40), so it leaves no trace. */
  #dropGlobal(data: Buffer): void {
    const others = this.#records(data).filter(({ key }) => key !== "comment");
    if (others.length > 0) {
      const keys = others.map(({ key }) => printablePath(key)).slice(0, 5);
      this.#warn(
        40,
        `a PAX global header (${keys.join(", ")}) is ignored, as container engines do`,
      );
    }
    this.#group.splice(this.#group.length - (data.length === 0 ? 1 : 2));
    if (this.#group.length > 0) this.#groupBroken = true;
  }

  #readRecords(data: Buffer): Extended {
    const extended: Extended = {};
    let sparseName: string | undefined;
    for (const { key, value } of this.#records(data)) {
      if (value === "") continue; // an empty value takes a record back (POSIX pax); Go keeps the header's own
      if (key === "path") extended.path = this.#withoutNul(value, "path");
      else if (key === "linkpath") extended.linkpath = this.#withoutNul(value, "linkpath");
      else if (key === "size") extended.size = this.#paxSize(value);
      else if (key === "GNU.sparse.name") {
        sparseName = this.#withoutNul(value, "GNU.sparse.name");
      } else if (key.startsWith("SCHILY.xattr.")) extended.xattrs = true;
    }
    // `path` names what a tool that knows nothing of sparse files makes (GNU tar manual, "Storing Sparse Files").
    if (sparseName !== undefined) return { ...extended, path: sparseName, paxSparse: true };
    return extended;
  }

  #records(data: Buffer) {
    try {
      return parsePaxRecords(data);
    } catch (error) {
      return this.#failWith(error);
    }
  }

  #withoutNul(value: string, key: string): string {
    if (value.includes("\0")) this.#fail("damaged", `PAX record ${key} has a NUL byte`);
    return value;
  }

  #paxSize(value: string): number {
    const size = /^[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(size))
      this.#fail("damaged", `PAX record size is no number of bytes: ${printablePath(value)}`);
    return size;
  }

  #takeSparse(block: Buffer): void {
    const sparse = this.#pendingSparse;
    if (sparse === undefined) return;
    this.#group.push(Buffer.from(block));
    if (this.#group.length * BLOCK > this.#limits.extendedHeaderBytes) {
      this.#fail("limit", "the map of a sparse file is too long", sparse.header.name);
    }
    const { pieces, continues } = this.#tolerate(() => parseSparseExtension(block));
    sparse.pieces.push(...pieces);
    if (!continues) {
      this.#expectHeader();
      this.#addSparse();
    }
  }

  #addSparse(): void {
    const sparse = this.#pendingSparse;
    if (sparse === undefined) return;
    this.#pendingSparse = undefined;
    const { header, realSize, pieces } = sparse;
    const name = this.#nameOf(header);
    let end = 0;
    let stored = 0;
    for (const [offset, length] of pieces) {
      if (offset < end || offset + length > realSize)
        this.#fail("damaged", "the map of a sparse file contradicts itself", name);
      end = offset + length;
      stored += length;
    }
    if (stored !== header.size) {
      this.#fail("damaged", `a sparse file of ${header.size} stored bytes maps ${stored}`, name);
    }
    this.#sparseBytes += realSize;
    if (this.#sparseBytes > this.#limits.layerBytes)
      this.#fail("limit", `sparse files of ${this.#sparseBytes} bytes`, name);
    this.#warn(
      33,
      "an old GNU sparse file is written out in full; container engines refuse its form",
      name,
    );
    this.#add(header, name, EntryType.file, header.size, EntryFlag.gnuSparse | EntryFlag.rewrite, {
      realSize,
      pieces,
    });
  }

  #addEntry(header: TarHeader, block: Buffer): void {
    const name = this.#nameOf(header);
    const size = this.#extended.size ?? header.size;
    switch (header.type) {
      case TypeFlag.oldFile:
        if (name.endsWith("/")) this.#addWithoutData(header, name, EntryType.directory, size, 0);
        else this.#add(header, name, EntryType.file, size, 0);
        return;
      case TypeFlag.file:
        this.#add(header, name, EntryType.file, size, 0);
        return;
      case TypeFlag.contiguous:
        this.#warn(
          35,
          "type 7 (contiguous file) is written as a regular file; container engines refuse it",
          name,
        );
        this.#add(header, name, EntryType.file, size, EntryFlag.rewrite);
        return;
      case TypeFlag.hardLink:
        this.#addWithoutData(header, name, EntryType.hardLink, size, 0);
        return;
      case TypeFlag.symlink:
        this.#addWithoutData(header, name, EntryType.symlink, size, 0);
        return;
      case TypeFlag.directory:
        this.#addWithoutData(header, name, EntryType.directory, size, 0);
        return;
      case TypeFlag.fifo:
        this.#addWithoutData(header, name, EntryType.fifo, size, 0);
        return;
      case TypeFlag.blockDevice:
        this.#addWithoutData(header, name, EntryType.blockDevice, size, 0);
        return;
      case TypeFlag.characterDevice:
        this.#addWithoutData(
          header,
          name,
          EntryType.characterDevice,
          size,
          this.#isDeviceZero(block) ? EntryFlag.deviceZero : 0,
        );
        return;
      default:
        this.#fail("unsupported", `an entry of unknown type ${describeType(header.type)}`, name);
    }
  }

  #isDeviceZero(block: Buffer): boolean {
    return this.#tolerate(
      () =>
        parseTarNumber(block, ...FIELD.devmajor, "devmajor") === 0 &&
        parseTarNumber(block, ...FIELD.devminor, "devminor") === 0,
    );
  }

  /** Types that are only a header: no data follows, whatever the size field says (rule 39). */
  #addWithoutData(
    header: TarHeader,
    name: string,
    type: EntryType,
    size: number,
    flags: number,
  ): void {
    this.#add(header, name, type, 0, size === 0 ? flags : flags | EntryFlag.rewrite);
  }

  #add(
    header: TarHeader,
    name: string,
    type: EntryType,
    size: number,
    flags: number,
    sparse?: SparseMap,
  ): void {
    if (this.#table.count >= this.#limits.layerEntries) {
      this.#fail("limit", `more than ${this.#limits.layerEntries} entries`, name);
    }
    const linkname =
      type === EntryType.hardLink || type === EntryType.symlink
        ? (this.#longLink ?? this.#extended.linkpath ?? header.linkname)
        : "";
    this.#checkLength(linkname, name);
    this.#heldBytes += name.length + linkname.length + PIECE_BYTES * (sparse?.pieces.length ?? 0);
    if (this.#heldBytes > this.#limits.layerNameBytes) {
      this.#fail("limit", `more than ${this.#limits.layerNameBytes} bytes of names`, name);
    }
    const raw = this.#group.length === 1 ? this.#group[0] : Buffer.concat(this.#group);
    if (raw === undefined) return;
    const headerEnd = this.#position + BLOCK;
    this.#table.add({
      headerStart: this.#groupStart,
      headerLength: headerEnd - this.#groupStart,
      size,
      type,
      flags:
        flags |
        (isClean(name, type) ? EntryFlag.cleanName : 0) |
        (this.#groupBroken ? EntryFlag.rewrite : 0) |
        (this.#extended.paxSparse === true ? EntryFlag.paxSparse : 0) |
        (this.#extended.xattrs === true ? EntryFlag.xattrs : 0),
      rawStart: this.#headers.append(raw),
      rawLength: raw.length,
      name,
      linkname,
      sparse,
    });
    this.#skipOver(size);
    this.#lastName = name;
    this.#group = [];
    this.#groupBroken = false;
    this.#extended = NOTHING_EXTENDED;
    this.#longName = undefined;
    this.#longLink = undefined;
  }

  #skipOver(size: number): void {
    if (this.#position + size > this.#limits.layerBytes)
      this.#fail("limit", `an entry of ${size} bytes`);
    this.#skipData = size;
    this.#skipPadding = paddedSize(size) - size;
  }

  #nameOf(header: TarHeader): string {
    const name = this.#longName ?? this.#extended.path ?? header.name;
    this.#checkLength(name, name);
    return name;
  }

  #checkLength(text: string, name: string): void {
    if (text.length <= this.#limits.pathDepth && text.length <= this.#limits.pathBytes) return;
    if (text.length <= this.#limits.pathBytes && depthOf(text) <= this.#limits.pathDepth) return;
    this.#fail(
      "limit",
      `a path of ${text.length} bytes and ${depthOf(text)} parts`,
      name.slice(0, 200),
    );
  }

  /** One zero block: the archive may end here, and must if another one follows. */
  #takeAfterEnd(block: Buffer): void {
    if (!isZeroBlock(block)) this.#fail("damaged", "a zero block lies between entries");
    this.#state = "ended";
  }

  #parse(block: Buffer): TarHeader {
    return this.#tolerate(() => {
      checkMetadataNumbers(block);
      return parseTarHeader(block);
    });
  }

  /** Adds the place to an error of a parser. */
  #tolerate<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      return this.#failWith(error);
    }
  }

  #failWith(error: unknown): never {
    if (error instanceof ImageError) this.#fail(error.code, error.reason);
    throw error;
  }

  #fail(code: ImageError["code"], message: string, path?: string): never {
    throw new ImageError(code, message, {
      ...(this.#layer === undefined ? {} : { layer: this.#layer }),
      offset: this.#position,
      ...(path === undefined ? {} : { path: printablePath(path) }),
    });
  }

  #warn(rule: number, message: string, path?: string): void {
    if (this.#warnings.length >= MAX_WARNINGS) return;
    this.#warnings.push(path === undefined ? { rule, message } : { rule, message, path });
  }
}

/** Components of a path, empty ones not counted. */
function depthOf(text: string): number {
  let depth = 0;
  for (let start = 0; start < text.length;) {
    const slash = text.indexOf("/", start);
    const end = slash < 0 ? text.length : slash;
    if (end > start) depth++;
    start = end + 1;
  }
  return depth;
}

function describeType(type: number): string {
  return type > 0x20 && type < 0x7f ? `"${String.fromCharCode(type)}"` : `0x${type.toString(16)}`;
}

/** Whether a name needs no cleaning but for a leading `./` and a directory's trailing slash; its header is copied as it is. */
function isClean(name: string, type: EntryType): boolean {
  const start = name.startsWith("./") ? 2 : 0;
  const isDirectory = type === EntryType.directory;
  if (start === 2 && name.length === 2) return isDirectory;
  return !/(^|\/)(\.{1,2})?(\/|$)/.test(
    name.slice(start, isDirectory && name.endsWith("/") ? -1 : undefined),
  );
}
