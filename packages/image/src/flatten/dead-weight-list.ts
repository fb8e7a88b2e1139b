import type { DeadWeight } from "../squash/squash-report.ts";

/** Rows that a report shows. */
const KEPT = 1000;

/** Collects the largest rows; a million small ones cost no memory. Layers are counted from 0 on the way in. */
export class DeadWeightList {
  #rows: DeadWeight[] = [];
  /** Rows below this many bytes cannot be among the largest any more. */
  #threshold = 1;

  /** @param path called only if the row is large enough */
  add(bytes: number, layer: number, hiddenBy: number, path: () => string): void {
    if (bytes < this.#threshold) return;
    this.#rows.push({ path: path(), layer: layer + 1, hiddenBy: hiddenBy + 1, bytes });
    if (this.#rows.length >= KEPT * 8) this.#prune();
  }

  /** The largest first. */
  rows(): readonly DeadWeight[] {
    this.#prune();
    return this.#rows;
  }

  #prune(): void {
    this.#rows.sort((a, b) => b.bytes - a.bytes || a.layer - b.layer || (a.path < b.path ? -1 : 1));
    if (this.#rows.length <= KEPT) return;
    this.#rows.length = KEPT;
    this.#threshold = this.#rows.at(-1)?.bytes ?? 1;
  }
}
