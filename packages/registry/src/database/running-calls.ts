/** Calls that have not ended yet, to wait for before closing. */
export class RunningCalls {
  readonly #calls = new Set<Promise<unknown>>();

  async run<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Resolves when those that run now have ended, however they did. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#calls);
  }
}
