/** Collects why tests were skipped, to tell each reason once. */
export class SkipReport {
  readonly #reasons = new Set<string>();
  #count = 0;

  add(reason: string): void {
    this.#reasons.add(reason);
    this.#count++;
  }

  /** How many tests, or suites as a whole, were skipped. */
  get count(): number {
    return this.#count;
  }

  /** One line for each reason, for example `skipped: docker is not installed`. */
  *lines(): Generator<string> {
    for (const reason of this.#reasons) yield `skipped: ${reason}`;
  }
}
