import { NO_ENTRY } from "../flatten/tree-node.ts";
import type { FileFacts, FactsReader } from "./file-facts.ts";
import type { MergedFiles } from "./merged-files.ts";

/** Owner, mode, device and attributes of a file: the same object for equal ones of both images. */
export type SharedFacts = Omit<FileFacts, "mtime">;

/** One object for each that is different. */
export class FactsTable {
  readonly #numbers = new Map<string, number>();
  readonly #facts: SharedFacts[] = [];

  numberOf({ mode, uid, gid, xattrs, device }: FileFacts): number {
    return this.#numbers.getOrInsertComputed(
      `${mode} ${uid} ${gid} ${device} ${xattrs}`,
      () => this.#facts.push({ mode, uid, gid, xattrs, device }) - 1,
    );
  }

  at(number: number): SharedFacts {
    const facts = this.#facts[number];
    if (facts === undefined) throw new RangeError(`no facts ${number}`);
    return facts;
  }
}

/** Stands for a directory that no layer tells of. */
export const NO_FACTS = -1;

/**
 * What the headers of an image say, for many names in the order of their paths. Headers are stored in blocks in the
 * order of the layer: so those that are wanted are noted first and read in that order, once.
 */
export class FactsColumns {
  readonly #files: MergedFiles;
  readonly #reader: FactsReader;
  readonly #table: FactsTable;
  /** By layer and entry; 1 is wanted. */
  readonly #wanted = new Map<number, Uint8Array>();
  readonly #numbers = new Map<number, Int32Array>();
  readonly #times = new Map<number, Float64Array>();

  /** @param table of both images that are compared */
  constructor(files: MergedFiles, reader: FactsReader, table: FactsTable) {
    this.#files = files;
    this.#reader = reader;
    this.#table = table;
  }

  want(at: number): void {
    const { layers, dataLayer, dataEntry } = this.#files;
    const layer = dataLayer[at] ?? 0;
    const entry = dataEntry[at] ?? NO_ENTRY;
    if (entry === NO_ENTRY) return;
    let wanted = this.#wanted.get(layer);
    if (wanted === undefined) {
      wanted = new Uint8Array(layers[layer]?.table.count ?? 0);
      this.#wanted.set(layer, wanted);
    }
    wanted[entry] = 1;
  }

  /** Reads what is wanted. */
  load(): void {
    for (const [layer, wanted] of this.#wanted) {
      const numbers = new Int32Array(wanted.length);
      const times = new Float64Array(wanted.length);
      for (let entry = wanted.indexOf(1); entry >= 0; entry = wanted.indexOf(1, entry + 1)) {
        const facts = this.#reader.entryFacts(layer, entry);
        numbers[entry] = this.#table.numberOf(facts);
        times[entry] = timeKey(facts.mtime);
      }
      this.#numbers.set(layer, numbers);
      this.#times.set(layer, times);
    }
  }

  /** A number of the table, or {@link NO_FACTS}. @param at a name that was wanted */
  number(at: number): number {
    const { dataLayer, dataEntry, links } = this.#files;
    const entry = dataEntry[at] ?? NO_ENTRY;
    if (entry === NO_ENTRY) return NO_FACTS;
    // The headers of hard links change what holds for the file; there are few.
    const facts = links.has(at) ? this.#reader.facts(at) : undefined;
    if (facts !== undefined) return this.#table.numberOf(facts);
    return this.#numbers.get(dataLayer[at] ?? 0)?.[entry] ?? NO_FACTS;
  }

  /** Equal for equal times. @param at a name that was wanted */
  time(at: number): number {
    const { dataLayer, dataEntry, links } = this.#files;
    const facts = links.has(at) ? this.#reader.facts(at) : undefined;
    if (facts !== undefined) return timeKey(facts.mtime);
    return this.#times.get(dataLayer[at] ?? 0)?.[dataEntry[at] ?? 0] ?? 0;
  }
}

/** Whole seconds as they are; anything else as a number that is none of these. */
function timeKey(time: string): number {
  if (/^-?\d{1,14}$/.test(time)) return Number(time);
  let low = 0x811c9dc5;
  let high = 0;
  for (let at = 0; at < time.length; at++) {
    low = Math.imul(low ^ time.charCodeAt(at), 0x01000193);
    high = (Math.imul(high, 31) + time.charCodeAt(at)) & 0xffff;
  }
  return high * 2 ** 32 + (low >>> 0) + 0.5;
}
