/** Lets any number of waiters go on at once, to look whether what they wait for has come. */
export class Bell {
  #next = Promise.withResolvers<void>();

  /** Resolves with the next {@link ring}. */
  heard(): Promise<void> {
    return this.#next.promise;
  }

  ring(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve();
  }
}
