import { createHmac, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Database } from "../database/database.ts";
import { RegistryError } from "../http/registry-error.ts";
import { findAccountByName } from "./account-store.ts";
import { addressGroup, FailureThrottle } from "./failure-throttle.ts";
import { BELIEVED, loginByPassword } from "./login.ts";
import type { Login } from "./login.ts";
import type { PasswordHashes } from "./password-hashes.ts";

/** Passwords known to be right; about 150 bytes each, none of them the password. */
const KNOWN = 10_000;

interface Attempt {
  readonly name: string;
  readonly address: string;
  /** Of the account; undefined when there is nothing to compare with. */
  readonly hash: string | undefined;
  readonly password: string;
  readonly key: string;
}

/**
 * Checks passwords of users. One that was right is not hashed again for a minute; while others guess at the account it
 * still passes. Guesses are throttled by account and by address. The account is read each time, so a change of its
 * password or flags counts at once.
 */
export class PasswordLogins {
  readonly #database: Database;
  readonly #hashes: PasswordHashes;
  readonly #throttle: FailureThrottle;
  readonly #now: () => number;
  /** Of this process alone: what the cache holds is worth nothing elsewhere. */
  readonly #key = randomBytes(32);
  /** HMAC of account, stored hash and password → when they were found to match. */
  readonly #known = new LRUCache<string, number>({ max: KNOWN });
  readonly #running = new Map<string, Promise<boolean>>();

  constructor(options: {
    readonly database: Database;
    readonly hashes: PasswordHashes;
    readonly throttle: FailureThrottle;
    readonly now: () => number;
  }) {
    this.#database = options.database;
    this.#hashes = options.hashes;
    this.#throttle = options.throttle;
    this.#now = options.now;
  }

  /**
   * @param address of the client
   * @returns undefined for a wrong password, an unknown user and a disabled one; all take the same time
   * @throws {RegistryError} `TOOMANYREQUESTS`, `UNAVAILABLE`
   */
  async check(name: string, password: string, address: string): Promise<Login | undefined> {
    // What cannot be a name is not looked up: not every text is one for PostgreSQL.
    const account = /^[a-z0-9._-]{1,255}$/.test(name)
      ? await findAccountByName(this.#database.read, name)
      : undefined;
    const usable = account && loginByPassword(account, 0) !== undefined;
    const hash = usable ? (account.password_hash ?? undefined) : undefined;
    const key = this.#digest([name, hash ?? "", password]);

    const now = this.#now();
    const knownSince = this.#known.get(key);
    if (account !== undefined && knownSince !== undefined && now < knownSince + BELIEVED) {
      return loginByPassword(account, knownSince);
    }
    const isRight = await this.#once({ name, address, hash, password, key });
    return isRight && account !== undefined ? loginByPassword(account, this.#now()) : undefined;
  }

  /** Checks of the same credentials at the same time share one hash. */
  async #once(attempt: Attempt): Promise<boolean> {
    const running = this.#running.get(attempt.key);
    if (running !== undefined) return running;
    const started = this.#try(attempt).finally(() => this.#running.delete(attempt.key));
    this.#running.set(attempt.key, started);
    return started;
  }

  async #try({ name, address, hash, password, key }: Attempt): Promise<boolean> {
    const byAccount = `account:${this.#digest([name])}`;
    const byAddress = `address:${addressGroup(address)}`;
    // Matched this very stored hash before: whoever guesses at the account cannot lock its owner out.
    if (!this.#known.has(key)) this.#refuseTooMany([byAccount, byAddress]);

    // Counted before it is known, lest many guesses at once slip through.
    this.#throttle.fail(byAccount, this.#now());
    let wasWrong = false;
    try {
      const isRight = await this.#hashes.verify(hash, password);
      wasWrong = !isRight;
      if (isRight) this.#known.set(key, this.#now());
      return isRight;
    } finally {
      if (wasWrong) this.#throttle.fail(byAddress, this.#now());
      else this.#throttle.forgive(byAccount);
    }
  }

  #refuseTooMany(keys: readonly string[]): void {
    const wait = Math.max(...keys.map((key) => this.#throttle.wait(key, this.#now())));
    if (wait > 0) throw tooManyFailures(wait);
  }

  #digest(parts: readonly string[]): string {
    return createHmac("sha256", this.#key).update(JSON.stringify(parts)).digest("base64");
  }
}

/** @param wait in milliseconds */
export function tooManyFailures(wait: number): RegistryError {
  const seconds = Math.ceil(wait / 1000);
  return new RegistryError(
    "TOOMANYREQUESTS",
    `too many failed logins; try again in ${seconds} seconds`,
    { headers: { "Retry-After": String(seconds) } },
  );
}
