/** Lets those who want the same thing go one after the other. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<void>>();

  /** Waits for its turn. @returns dispose it to let the next one go */
  async take(key: string): Promise<Disposable> {
    const before = this.#last.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(key, promise);
    await before;
    return {
      [Symbol.dispose]: () => {
        if (this.#last.get(key) === promise) this.#last.delete(key);
        resolve();
      },
    };
  }
}
