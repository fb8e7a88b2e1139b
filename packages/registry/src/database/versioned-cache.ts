import { LRUCache } from "lru-cache";
import type { Database } from "./database.ts";

/**
 * Answers of the database that are kept in memory until anybody commits anything. Where the database cannot tell
 * cheaply whether somebody did, every answer is read anew, so replicas never see each other's past.
 */
export class VersionedCache<Value extends object> {
  readonly #database: Pick<Database, "version">;
  readonly #entries: LRUCache<string, Value>;
  #version: number | undefined;

  /**
   * @param max entries
   * @param weight for values of very different size: how much memory they may take together
   */
  constructor(
    database: Pick<Database, "version">,
    max: number,
    weight?: { readonly maxBytes: number; readonly sizeOf: (value: Value) => number },
  ) {
    this.#database = database;
    this.#entries = new LRUCache({
      max,
      ...(weight === undefined
        ? {}
        : { maxSize: weight.maxBytes, sizeCalculation: (value) => 1 + weight.sizeOf(value) }),
    });
  }

  /** The kept value, when nothing was committed since it was read. */
  get(key: string): Value | undefined {
    return this.#isCurrent() ? this.#entries.get(key) : undefined;
  }

  /** The kept value, or what `read` finds; undefined is not kept. */
  async find(key: string, read: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const kept = this.get(key);
    if (kept !== undefined) return kept;
    const before = this.#version;
    const value = await read();
    // A commit while it was read may have changed it.
    if (value !== undefined && this.#isCurrent() && before === this.#version) {
      this.#entries.set(key, value);
    }
    return value;
  }

  #isCurrent(): boolean {
    const version = this.#database.version();
    if (version === undefined) return false;
    if (version !== this.#version) {
      this.#entries.clear();
      this.#version = version;
    }
    return true;
  }
}
