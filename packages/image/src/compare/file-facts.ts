import { NO_ENTRY } from "../flatten/tree-node.ts";
import { EntryFlag, linknameOf } from "../layer/entry-table.ts";
import { HeaderStoreReader } from "../layer/header-store.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import { EntryType } from "../tar/entry-type.ts";
import { addInodeMetadata, parseRawHeader, valueOf, xattrsOf } from "../tar/raw-header.ts";
import type { RawHeader } from "../tar/raw-header.ts";
import { FIELD } from "../tar/tar-header.ts";
import { parseTarNumber } from "../tar/tar-number.ts";
import type { MergedFiles } from "./merged-files.ts";

/** What the header of an entry says of it besides its data. Numbers are texts: base-256 holds larger ones than are safe. */
export interface FileFacts {
  readonly mode: number;
  readonly uid: string;
  readonly gid: string;
  /** Seconds, with a fraction where there is one. */
  readonly mtime: string;
  /** Equal for equal attributes. */
  readonly xattrs: string;
  /** Major and minor number of a device. */
  readonly device: string;
}

/** Reads what stands in the headers of an image, header by header. */
export class FactsReader {
  readonly #files: MergedFiles;
  readonly #headers: readonly HeaderStoreReader[];

  constructor(files: MergedFiles) {
    this.#files = files;
    this.#headers = files.layers.map(({ headers }) => new HeaderStoreReader(headers));
  }

  /** Bytes of data of a file; 0 for everything else. */
  size(at: number): number {
    const { kind, dataLayer, dataEntry } = this.#files;
    if (kind[at] !== EntryType.file) return 0;
    const layer = dataLayer[at] ?? 0;
    const entry = dataEntry[at] ?? 0;
    const { table } = this.#layer(layer);
    const flags = table.flags[entry] ?? 0;
    if ((flags & EntryFlag.gnuSparse) !== 0) return table.sparse.get(entry)?.realSize ?? 0;
    if ((flags & EntryFlag.paxSparse) !== 0) {
      const { records } = this.#header(layer, entry);
      const size = valueOf(records, "GNU.sparse.realsize") ?? valueOf(records, "GNU.sparse.size");
      if (size !== undefined && /^\d{1,15}$/.test(size)) return Number(size);
    }
    return table.size[entry] ?? 0;
  }

  /** Where a symbolic link leads, as it stands there: bytes as a latin1 string. */
  target(at: number): string {
    const { kind, dataLayer, dataEntry } = this.#files;
    if (kind[at] !== EntryType.symlink) return "";
    return linknameOf(this.#layer(dataLayer[at] ?? 0).table, dataEntry[at] ?? 0);
  }

  /** Undefined for a directory that no layer tells of. */
  facts(at: number): FileFacts | undefined {
    const { dataLayer, dataEntry, links } = this.#files;
    const layer = dataLayer[at] ?? 0;
    const entry = dataEntry[at] ?? NO_ENTRY;
    if (entry === NO_ENTRY) return undefined;
    let header = this.#header(layer, entry);
    for (const link of links.get(at) ?? []) {
      header = addInodeMetadata(header, this.#header(layer, link));
    }
    return factsOf(header);
  }

  /** What the header of one entry says, whatever its name. Fastest in the order of the entries. */
  entryFacts(layer: number, entry: number): FileFacts {
    return factsOf(this.#header(layer, entry));
  }

  #header(layer: number, entry: number): RawHeader {
    const { table } = this.#layer(layer);
    const reader = this.#headers[layer];
    if (reader === undefined) throw new RangeError(`no layer ${layer}`);
    return parseRawHeader(reader.read(table.rawStart[entry] ?? 0, table.rawLength[entry] ?? 0));
  }

  #layer(layer: number): LayerIndex {
    const index = this.#files.layers[layer];
    if (index === undefined) throw new RangeError(`no layer ${layer}`);
    return index;
  }
}

function factsOf(header: RawHeader): FileFacts {
  const { main, records } = header;
  const xattrs = xattrsOf(header).map(({ key, value }) => [key, value]);
  return {
    mode: Number(numberText(main, "mode")) & 0o7777,
    uid: valueOf(records, "uid") ?? numberText(main, "uid"),
    gid: valueOf(records, "gid") ?? numberText(main, "gid"),
    mtime: plainTime(valueOf(records, "mtime") ?? numberText(main, "mtime")),
    xattrs: xattrs.length === 0 ? "" : JSON.stringify(xattrs.toSorted(byKey)),
    device: `${numberText(main, "devmajor")}:${numberText(main, "devminor")}`,
  };
}

function byKey([a = ""]: readonly string[], [b = ""]: readonly string[]): number {
  return a < b ? -1 : 1;
}

/** A number of a header; its bytes where it is too large, or is none: equal ones are still equal. */
function numberText(
  main: Buffer,
  name: "mode" | "uid" | "gid" | "mtime" | "devmajor" | "devminor",
): string {
  const [start, length] = FIELD[name];
  try {
    return String(parseTarNumber(main, start, length, name));
  } catch {
    return `0x${main.toString("hex", start, start + length)}`;
  }
}

/** Without a fraction that says nothing. */
function plainTime(time: string): string {
  return time.includes(".") ? time.replace(/\.?0+$/, "") : time;
}
