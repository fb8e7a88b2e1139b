import { createHash } from "node:crypto";

/** Random numbers that are the same for the same seed. */
export class Random {
  readonly #seed: string;
  #count = 0;

  constructor(seed: string | number) {
    this.#seed = `${seed}`;
  }

  /** Another sequence; the order in which several are used does not matter. */
  fork(name: string): Random {
    return new Random(`${this.#seed} ${name}`);
  }

  /** From 0 to `end`, without `end` itself. */
  below(end: number): number {
    return this.#next().readUInt32LE() % end;
  }

  /** From `start` to `end`, both included. */
  between(start: number, end: number): number {
    return start + this.below(end - start + 1);
  }

  /** True so often of a hundred times. */
  percent(chance: number): boolean {
    return this.below(100) < chance;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const order = items.map((item) => ({ item, at: this.below(2 ** 32) }));
    return order.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
  }

  /** Bytes that no compressor makes shorter. */
  bytes(length: number): Buffer {
    return createHash("shake256", { outputLength: length }).update(this.#next()).digest();
  }

  #next(): Buffer {
    return createHash("sha256")
      .update(`${this.#seed} ${this.#count++}`)
      .digest();
  }
}
