/** Lets a loop sleep until there is something to do. Waking it while it works makes the next sleep end at once. */
export class WakeSignal {
  #woken = false;
  #end: (() => void) | undefined;

  readonly wake = (): void => {
    this.#woken = true;
    this.#end?.();
  };

  /** @param milliseconds to sleep at most */
  async sleep(milliseconds: number): Promise<void> {
    if (!this.#woken) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, milliseconds);
      this.#end = resolve;
      await promise;
      clearTimeout(timer);
      this.#end = undefined;
    }
    this.#woken = false;
  }
}
