import type { LayerIndex } from "../layer/layer-index.ts";
import { printablePath } from "../printable-path.ts";
import { EntryType } from "../tar/entry-type.ts";
import { FactsColumns, FactsTable, NO_FACTS } from "./facts-columns.ts";
import { FactsReader } from "./file-facts.ts";
import { DIFFERENCES, FILE_TYPES } from "./file-change.ts";
import type { Difference, FileType } from "./file-change.ts";
import { FileChangesWriter } from "./file-changes.ts";
import type { ChangeSummary, FileChanges, Totals } from "./file-changes.ts";
import type { MergedFiles } from "./merged-files.ts";
import { walkSideBySide } from "./side-by-side.ts";

/**
 * Compares the files of two images, by their layer indexes alone: no layer is read. Directories are compared as
 * everything else is, but for their times; of one that no layer tells of only the presence counts.
 *
 * @returns changes in the order of their paths, a directory before what is in it
 */
export function compareFiles(base: MergedFiles, head: MergedFiles): FileChanges {
  return new Comparison(base, head).compare();
}

class Comparison {
  readonly #base: Side;
  readonly #head: Side;
  readonly #table = new FactsTable();
  readonly #writer = new FileChangesWriter();
  readonly #summary: ChangeSummary;

  constructor(base: MergedFiles, head: MergedFiles) {
    const numbers = new Map<string, number>();
    this.#base = new Side(base, numbers, this.#table);
    this.#head = new Side(head, numbers, this.#table);
    this.#summary = {
      base: this.#base.totals(),
      head: this.#head.totals(),
      added: { count: 0, bytes: 0 },
      removed: { count: 0, bytes: 0 },
      changed: { count: 0, bytes: 0 },
      differing: Object.fromEntries(DIFFERENCES.map((name) => [name, 0])) as Record<
        Difference,
        number
      >, // has all of them
    };
  }

  compare(): FileChanges {
    const { files: base, columns: was } = this.#base;
    const { files: head, columns: is } = this.#head;
    walkSideBySide(base, head, {
      removed() {},
      added() {},
      both: (b, h) => {
        if (!this.#isToBeRead(b, h)) return;
        was.want(b);
        is.want(h);
      },
    });
    was.load();
    is.load();
    walkSideBySide(base, head, {
      removed: (at, path) => this.#removed(at, path),
      added: (at, path) => this.#added(at, path),
      both: (b, h, path) => this.#both(b, h, path),
    });
    return this.#writer.seal(this.#summary);
  }

  #removed(at: number, path: string): void {
    const baseSize = this.#base.facts.size(at);
    add(this.#summary.removed, baseSize);
    this.#writer.add({
      path: printablePath(path),
      kind: "removed",
      type: this.#base.type(at),
      baseSize,
      headSize: null,
      differences: [],
    });
  }

  #added(at: number, path: string): void {
    const headSize = this.#head.facts.size(at);
    add(this.#summary.added, headSize);
    this.#writer.add({
      path: printablePath(path),
      kind: "added",
      type: this.#head.type(at),
      baseSize: null,
      headSize,
      differences: [],
    });
  }

  #both(base: number, head: number, path: string): void {
    const differences = this.#differences(base, head);
    if (differences.length === 0) return;
    const headSize = this.#head.facts.size(head);
    add(this.#summary.changed, headSize);
    for (const name of differences) this.#summary.differing[name]++;
    this.#writer.add({
      path: printablePath(path),
      kind: "changed",
      type: this.#head.type(head),
      baseSize: this.#base.facts.size(base),
      headSize,
      differences,
    });
  }

  #differences(base: number, head: number): Difference[] {
    const kind = this.#base.files.kind[base];
    if (kind !== this.#head.files.kind[head]) return ["type"];
    if (!this.#isToBeRead(base, head)) return [];
    const isSameEntry = this.#isSameEntry(base, head);
    const differences = isSameEntry ? [] : this.#contentDifferences(base, head);
    const was = this.#base.columns.number(base);
    const is = this.#head.columns.number(head);
    if (was === is || was === NO_FACTS || is === NO_FACTS) return differences;
    const old = this.#table.at(was);
    const young = this.#table.at(is);
    const note = (name: Difference, differs: boolean): void => {
      if (differs) differences.push(name);
    };
    // Nothing asks for the mode of a symbolic link (symlink(7)).
    note("mode", kind !== EntryType.symlink && old.mode !== young.mode);
    note("owner", old.uid !== young.uid || old.gid !== young.gid);
    const isDevice = kind === EntryType.characterDevice || kind === EntryType.blockDevice;
    note("device", isDevice && old.device !== young.device);
    note("xattrs", old.xattrs !== young.xattrs);
    return differences;
  }

  /** Of files and links that are not the same entry. */
  #contentDifferences(base: number, head: number): Difference[] {
    const kind = this.#base.files.kind[base];
    if (kind === EntryType.symlink) {
      const isSame = this.#base.facts.target(base) === this.#head.facts.target(head);
      return isSame ? [] : ["target"];
    }
    if (kind !== EntryType.file) return [];
    const size = this.#base.facts.size(base);
    if (size !== this.#head.facts.size(head)) return ["content"];
    const isSameTime = this.#base.columns.time(base) === this.#head.columns.time(head);
    return size === 0 || isSameTime ? [] : ["time"];
  }

  /** Unless the very entry is the same, only the headers tell. */
  #isToBeRead(base: number, head: number): boolean {
    if (this.#base.files.kind[base] !== this.#head.files.kind[head]) return false;
    const hasLinks = this.#base.files.links.has(base) || this.#head.files.links.has(head);
    return hasLinks || !this.#isSameEntry(base, head);
  }

  /** The same entry of the same layer: its bytes are the same, whatever else is said of it. */
  #isSameEntry(base: number, head: number): boolean {
    return (
      this.#base.files.dataEntry[base] === this.#head.files.dataEntry[head] &&
      this.#base.layerOf(base) === this.#head.layerOf(head)
    );
  }
}

/** One of the two images. */
class Side {
  readonly files: MergedFiles;
  readonly facts: FactsReader;
  readonly columns: FactsColumns;
  readonly #layers: readonly number[];

  /** @param numbers of layers by their diffIDs, of both images */
  constructor(files: MergedFiles, numbers: Map<string, number>, table: FactsTable) {
    this.files = files;
    this.facts = new FactsReader(files);
    this.columns = new FactsColumns(files, this.facts, table);
    const numberOf = ({ diffId }: LayerIndex): number =>
      numbers.getOrInsertComputed(diffId, () => numbers.size);
    this.#layers = files.layers.map(numberOf);
  }

  /** Equal for layers with the same uncompressed bytes. */
  layerOf(at: number): number | undefined {
    return this.#layers[this.files.dataLayer[at] ?? 0];
  }

  type(at: number): FileType {
    return FILE_TYPES[this.files.kind[at] ?? 0] ?? "file";
  }

  /** The root is no name. */
  totals(): Totals {
    const { count } = this.files;
    const totals = { count: count - 1, bytes: 0 };
    for (let at = 1; at < count; at++) totals.bytes += this.facts.size(at);
    return totals;
  }
}

function add(totals: Totals, bytes: number): void {
  totals.count++;
  totals.bytes += bytes;
}
