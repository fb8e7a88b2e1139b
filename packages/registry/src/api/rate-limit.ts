import { LRUCache } from "lru-cache";

const MINUTE = 60_000;
/** Callers that are remembered; the longest quiet go first. */
const REMEMBERED = 20_000;

/** What a caller has left, for the headers `RateLimit-*` (draft-ietf-httpapi-ratelimit-headers). */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until everything is there again. */
  readonly reset: number;
  /** 0: granted; else the milliseconds to wait. */
  readonly wait: number;
}

/** So many requests a minute for each caller, all at once if they like (generic cell rate algorithm). */
export class RateLimit {
  readonly #limit: number;
  readonly #interval: number;
  readonly #paidAt = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(perMinute: number) {
    this.#limit = perMinute;
    this.#interval = MINUTE / perMinute;
  }

  /** Takes one request of the caller. @param now in milliseconds since 1970 */
  take(caller: string, now: number): Allowance {
    const paidAt = Math.max(this.#paidAt.get(caller) ?? 0, now);
    const next = paidAt + this.#interval;
    const wait = Math.max(0, Math.ceil(next - now - MINUTE));
    const after = wait > 0 ? paidAt : next;
    if (wait === 0) this.#paidAt.set(caller, after);
    return {
      limit: this.#limit,
      remaining: Math.max(0, Math.floor((MINUTE - (after - now)) / this.#interval)),
      reset: Math.ceil((after - now) / 1000),
      wait,
    };
  }
}
