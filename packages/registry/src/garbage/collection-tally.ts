import { KINDS } from "./collection-report.ts";
import type {
  CollectedCount,
  CollectedItem,
  CollectedKind,
  CollectionError,
} from "./collection-report.ts";

/** Errors that a report tells in full. */
const FIRST = 100;

/** Counts what a run takes. */
export class CollectionTally {
  // Every kind is there, so the record is whole.
  readonly #taken = Object.fromEntries(
    KINDS.map((kind) => [kind, { count: 0, bytes: 0 }]),
  ) as Record<CollectedKind, { count: number; bytes: number }>;
  readonly #errors: CollectionError[] = [];
  #errorCount = 0;

  add({ kind, bytes }: CollectedItem): void {
    const taken = this.#taken[kind];
    taken.count++;
    taken.bytes += bytes;
  }

  fail(error: CollectionError): void {
    this.#errorCount++;
    if (this.#errors.length < FIRST) this.#errors.push(error);
  }

  get taken(): Readonly<Record<CollectedKind, CollectedCount>> {
    return this.#taken;
  }

  get bytes(): number {
    return Object.values(this.#taken).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get errors(): { readonly count: number; readonly first: readonly CollectionError[] } {
    return { count: this.#errorCount, first: this.#errors };
  }
}
