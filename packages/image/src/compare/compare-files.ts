// One thing: two trees walked side by side. What is said of a name depends on where the walk is in both.
import type { LayerIndex } from "../layer/layer-index.ts";
import { printablePath } from "../printable-path.ts";
import { EntryType } from "../tar/entry-type.ts";
import { FactsReader } from "./file-facts.ts";
import { DIFFERENCES, FILE_TYPES } from "./file-change.ts";
import type { Difference, FileType } from "./file-change.ts";
import { FileChangesWriter } from "./file-changes.ts";
import type { ChangeSummary, FileChanges, Totals } from "./file-changes.ts";
import { isDirectory, nameAt } from "./merged-files.ts";
import type { MergedFiles } from "./merged-files.ts";

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
  readonly #base: MergedFiles;
  readonly #head: MergedFiles;
  readonly #baseFacts: FactsReader;
  readonly #headFacts: FactsReader;
  /** Numbers that are equal for layers with the same uncompressed bytes, by layer. */
  readonly #baseLayers: readonly number[];
  readonly #headLayers: readonly number[];
  readonly #writer = new FileChangesWriter();
  readonly #summary: ChangeSummary;

  constructor(base: MergedFiles, head: MergedFiles) {
    this.#base = base;
    this.#head = head;
    this.#baseFacts = new FactsReader(base);
    this.#headFacts = new FactsReader(head);
    const numbers = new Map<string, number>();
    const numberOf = ({ diffId }: LayerIndex): number =>
      numbers.getOrInsertComputed(diffId, () => numbers.size);
    this.#baseLayers = base.layers.map(numberOf);
    this.#headLayers = head.layers.map(numberOf);
    this.#summary = {
      base: totalsOf(base, this.#baseFacts),
      head: totalsOf(head, this.#headFacts),
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
    this.#compareDirectories(0, 0, "");
    return this.#writer.seal(this.#summary);
  }

  /** Both have their children in the order of names. */
  #compareDirectories(base: number, head: number, path: string): void {
    let b = this.#base.firstChild[base] ?? 0;
    let h = this.#head.firstChild[head] ?? 0;
    const lastBase = b + (this.#base.childCount[base] ?? 0);
    const lastHead = h + (this.#head.childCount[head] ?? 0);
    while (b < lastBase || h < lastHead) {
      const baseName = b < lastBase ? nameAt(this.#base, b) : undefined;
      const headName = h < lastHead ? nameAt(this.#head, h) : undefined;
      if (headName === undefined || (baseName !== undefined && baseName < headName)) {
        this.#removed(b++, `${path}${baseName}`);
      } else if (baseName === undefined || headName < baseName) {
        this.#added(h++, `${path}${headName}`);
      } else this.#compareBoth(b++, h++, `${path}${baseName}`);
    }
  }

  #removed(at: number, path: string): void {
    const type = typeAt(this.#base, at);
    const baseSize = this.#baseFacts.size(at);
    add(this.#summary.removed, baseSize);
    const shown = printablePath(path);
    const about = { kind: "removed", headSize: null, differences: [] } as const;
    this.#writer.add({ ...about, path: shown, type, baseSize });
    this.#below(this.#base, at, path, (child, name) => this.#removed(child, name));
  }

  #added(at: number, path: string): void {
    const type = typeAt(this.#head, at);
    const headSize = this.#headFacts.size(at);
    add(this.#summary.added, headSize);
    const shown = printablePath(path);
    const about = { kind: "added", baseSize: null, differences: [] } as const;
    this.#writer.add({ ...about, path: shown, type, headSize });
    this.#below(this.#head, at, path, (child, name) => this.#added(child, name));
  }

  #below(
    files: MergedFiles,
    at: number,
    path: string,
    visit: (child: number, path: string) => void,
  ): void {
    const first = files.firstChild[at] ?? 0;
    const last = first + (files.childCount[at] ?? 0);
    for (let child = first; child < last; child++) visit(child, `${path}/${nameAt(files, child)}`);
  }

  #compareBoth(base: number, head: number, path: string): void {
    const differences = this.#differences(base, head);
    if (differences.length > 0) this.#changed(base, head, path, differences);
    const wasDirectory = isDirectory(this.#base, base);
    const isNow = isDirectory(this.#head, head);
    if (wasDirectory && isNow) this.#compareDirectories(base, head, `${path}/`);
    else if (wasDirectory) {
      this.#below(this.#base, base, path, (child, name) => this.#removed(child, name));
    } else if (isNow) {
      this.#below(this.#head, head, path, (child, name) => this.#added(child, name));
    }
  }

  #changed(base: number, head: number, path: string, differences: readonly Difference[]): void {
    const headSize = this.#headFacts.size(head);
    add(this.#summary.changed, headSize);
    for (const name of differences) this.#summary.differing[name]++;
    this.#writer.add({
      path: printablePath(path),
      kind: "changed",
      type: typeAt(this.#head, head),
      baseSize: this.#baseFacts.size(base),
      headSize,
      differences,
    });
  }

  #differences(base: number, head: number): Difference[] {
    const kind = this.#base.kind[base];
    if (kind !== this.#head.kind[head]) return ["type"];
    const isSameEntry = this.#isSameEntry(base, head);
    const differences: Difference[] = [];
    const note = (name: Difference, differs: boolean): void => {
      if (differs) differences.push(name);
    };
    const size = this.#baseFacts.size(base);
    const isFile = kind === EntryType.file;
    if (isFile && !isSameEntry) note("content", size !== this.#headFacts.size(head));
    if (kind === EntryType.symlink && !isSameEntry) {
      note("target", this.#baseFacts.target(base) !== this.#headFacts.target(head));
    }
    if (this.#saysTheSame(base, head, isSameEntry)) return differences;
    const was = this.#baseFacts.facts(base);
    const is = this.#headFacts.facts(head);
    if (was === undefined || is === undefined) return differences;
    const mayDiffer = isFile && !isSameEntry && size > 0 && differences.length === 0;
    note("time", mayDiffer && was.mtime !== is.mtime);
    // Nothing asks for the mode of a symbolic link (symlink(7)).
    note("mode", kind !== EntryType.symlink && was.mode !== is.mode);
    note("owner", was.uid !== is.uid || was.gid !== is.gid);
    const isDevice = kind === EntryType.characterDevice || kind === EntryType.blockDevice;
    note("device", isDevice && was.device !== is.device);
    note("xattrs", was.xattrs !== is.xattrs);
    return differences;
  }

  /** The same entry of the same layer: its bytes are the same, whatever else is said of it. */
  #isSameEntry(base: number, head: number): boolean {
    const { dataLayer, dataEntry } = this.#base;
    return (
      dataEntry[base] === this.#head.dataEntry[head] &&
      this.#baseLayers[dataLayer[base] ?? 0] ===
        this.#headLayers[this.#head.dataLayer[head] ?? 0]
    );
  }

  /** The cheap ways to know that owner, mode, time and attributes are the same. */
  #saysTheSame(base: number, head: number, isSameEntry: boolean): boolean {
    const hasLinks = this.#base.links.has(base) || this.#head.links.has(head);
    if (isSameEntry && !hasLinks) return true;
    const was = this.#baseFacts.raw(base);
    const is = this.#headFacts.raw(head);
    return was !== undefined && is !== undefined && was.equals(is);
  }
}

function typeAt({ kind }: MergedFiles, at: number): FileType {
  return FILE_TYPES[kind[at] ?? 0] ?? "file";
}

function add(totals: Totals, bytes: number): void {
  totals.count++;
  totals.bytes += bytes;
}

/** The root is no name. */
function totalsOf(files: MergedFiles, facts: FactsReader): Totals {
  const totals = { count: files.count - 1, bytes: 0 };
  for (let at = 1; at < files.count; at++) totals.bytes += facts.size(at);
  return totals;
}
