import { RegistryError } from "../http/registry-error.ts";

/** Runs costly work a few at a time. What does not fit into the queue is refused at once, so latency stays bounded. */
export class WorkQueue {
  readonly #running: number;
  readonly #waiting: number;
  readonly #queue: (() => void)[] = [];
  #active = 0;

  /**
   * @param running at once
   * @param waiting at most
   */
  constructor(running: number, waiting: number) {
    this.#running = running;
    this.#waiting = waiting;
  }

  /** @throws {RegistryError} `UNAVAILABLE` with Retry-After when too much waits already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#active >= this.#running) {
      if (this.#queue.length >= this.#waiting) {
        throw new RegistryError("UNAVAILABLE", "too many logins at once; try again in a moment", {
          headers: { "Retry-After": "2" },
        });
      }
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else {
      this.#active += 1;
    }
    try {
      return await work();
    } finally {
      // The place is handed on, or given back when nobody waits.
      const next = this.#queue.shift();
      if (next === undefined) this.#active -= 1;
      else next();
    }
  }
}
