import { isIPv6 } from "node:net";
import { LRUCache } from "lru-cache";

const MINUTE = 60_000;
/** Accounts and addresses that are remembered; about 100 bytes each. The longest quiet go first. */
const REMEMBERED = 20_000;

/**
 * Bounds how many failures a minute one account or address may have: that many at once, then one whenever its share
 * of a minute has passed (generic cell rate algorithm). Time is passed in, in milliseconds.
 */
export class FailureThrottle {
  readonly #interval: number;
  /** When all failures of the key will be forgiven. */
  readonly #forgivenAt = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(failuresPerMinute: number) {
    this.#interval = MINUTE / Math.max(1, failuresPerMinute);
  }

  /** @returns 0 when another failure is allowed, else the milliseconds until then */
  wait(key: string, now: number): number {
    const forgivenAt = this.#forgivenAt.get(key) ?? 0;
    return Math.max(0, Math.ceil(forgivenAt - now + this.#interval - MINUTE));
  }

  fail(key: string, now: number): void {
    this.#forgivenAt.set(key, Math.max(this.#forgivenAt.get(key) ?? 0, now) + this.#interval);
  }

  /** Takes one failure back: it was none. */
  forgive(key: string): void {
    const forgivenAt = this.#forgivenAt.get(key);
    if (forgivenAt !== undefined) this.#forgivenAt.set(key, forgivenAt - this.#interval);
  }
}

/**
 * What counts as one address: an IPv4 address, or the /64 network of an IPv6 address, which is what one customer gets
 * (RFC 6177).
 */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const zone = address.indexOf("%");
  const plain = zone < 0 ? address : address.slice(0, zone);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [before = "", after] = plain.split("::", 2);
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  // A dotted end stands for two groups.
  const missing = 8 - head.length - tail.length - (plain.includes(".") ? 1 : 0);
  const groups = after === undefined ? head : [...head, ...Array(missing).fill("0"), ...tail];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}
