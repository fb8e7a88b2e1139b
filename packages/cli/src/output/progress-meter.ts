/** How far one phase is, at one moment. */
export interface Reading {
  readonly bytes: number;
  readonly total: number | undefined;
  /** Share that is done, 0 to 1; undefined without a total. */
  readonly share: number | undefined;
  /** Bytes per second over the last seconds; undefined as long as that would be a guess. */
  readonly speed: number | undefined;
  readonly secondsLeft: number | undefined;
}

/** Speed is measured over the last five seconds, so that it follows a change and does not flicker. */
const WINDOW_MS = 5000;
const SAMPLE_MS = 100;
/** A speed measured over less than this is a guess. */
const SHORTEST_MS = 500;

/** Counts the bytes of one phase and tells speed and time left. Times are milliseconds of any steady clock. */
export class ProgressMeter {
  #bytes = 0;
  #total: number | undefined;
  readonly #samples: { at: number; bytes: number }[];

  constructor(now: number) {
    this.#samples = [{ at: now, bytes: 0 }];
  }

  /** Adds bytes; `total` may grow, the largest one holds. */
  add(bytes: number, total: number | undefined, now: number): void {
    this.#bytes += bytes;
    if (total !== undefined) this.#total = Math.max(total, this.#total ?? 0);
    const latest = this.#samples.at(-1);
    if (latest !== undefined && now - latest.at < SAMPLE_MS) return;
    this.#samples.push({ at: now, bytes: this.#bytes });
    while ((this.#samples[1]?.at ?? now) < now - WINDOW_MS) this.#samples.shift();
  }

  read(now: number): Reading {
    const bytes = this.#bytes;
    const total = this.#total === undefined ? undefined : Math.max(this.#total, bytes);
    const speed = this.#speed(now);
    return {
      bytes,
      total,
      share: total === undefined ? undefined : total === 0 ? 1 : bytes / total,
      speed,
      secondsLeft:
        total === undefined || speed === undefined || speed === 0
          ? undefined
          : (total - bytes) / speed,
    };
  }

  #speed(now: number): number | undefined {
    const oldest = this.#samples[0];
    if (oldest === undefined || now - oldest.at < SHORTEST_MS) return undefined;
    return ((this.#bytes - oldest.bytes) / (now - oldest.at)) * 1000;
  }
}
