import { createHmac, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Database } from "../database/database.ts";
import { RegistryError } from "../http/registry-error.ts";
import { findAccountById, findAccountByName } from "./account-store.ts";
import type { AccountRow } from "./account-store.ts";
import { addressGroup, FailureThrottle } from "./failure-throttle.ts";
import { BELIEVED, loginByDirectory, loginByPassword } from "./login.ts";
import type { Login } from "./login.ts";
import type { PasswordHashes } from "./password-hashes.ts";
import type { PasswordSource } from "./password-source.ts";

/** Passwords known to be right; about 150 bytes each, none of them the password. */
const KNOWN = 10_000;

/** No account can have this name. */
const NOBODY = "-";

/** A password that was right. */
interface Right {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** What a directory has said; undefined: it is the account's own. */
  readonly vouched: { readonly service: string; readonly accountId: number } | undefined;
}

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
  readonly #sources: readonly PasswordSource[];
  readonly #mustVerify: boolean;
  readonly #now: () => number;
  /** Of this process alone: what the cache holds is worth nothing elsewhere. */
  readonly #key = randomBytes(32);
  /** HMAC of account, stored hash and password → when they were found to match. */
  readonly #known = new LRUCache<string, Right>({ max: KNOWN });
  readonly #running = new Map<string, Promise<Right | undefined>>();

  /** @param options.mustVerify users whose e-mail address was not confirmed are refused */
  constructor(options: {
    readonly database: Database;
    readonly hashes: PasswordHashes;
    readonly throttle: FailureThrottle;
    /** Asked in turn. */
    readonly sources?: readonly PasswordSource[];
    readonly mustVerify?: boolean;
    readonly now: () => number;
  }) {
    this.#database = options.database;
    this.#hashes = options.hashes;
    this.#throttle = options.throttle;
    this.#sources = options.sources ?? [];
    this.#mustVerify = options.mustVerify ?? false;
    this.#now = options.now;
  }

  /**
   * @param address of the client
   * @returns undefined for a wrong password, an unknown user and a disabled one; all take the same time
   * @throws {RegistryError} `TOOMANYREQUESTS`, `UNAVAILABLE`, `EMAIL_UNVERIFIED` once the password was right
   */
  async check(name: string, password: string, address: string): Promise<Login | undefined> {
    // Not every text is one for PostgreSQL; what cannot be a name takes as long as what nobody is called.
    const isName = /^[a-z0-9._-]{1,255}$/.test(name);
    const account = await findAccountByName(this.#database.read, isName ? name : NOBODY);
    const usable = account && loginByPassword(account, 0) !== undefined;
    const hash = usable ? (account.password_hash ?? undefined) : undefined;
    const key = this.#digest([name, hash ?? "", password]);

    const known = this.#known.get(key);
    const right =
      known !== undefined && this.#now() < known.at + BELIEVED
        ? known
        : await this.#once({ name, address, hash, password, key });
    return right && this.#login(right, account);
  }

  async #login({ at, vouched }: Right, named: AccountRow | undefined): Promise<Login | undefined> {
    const account =
      vouched === undefined || vouched.accountId === named?.id
        ? named
        : await findAccountById(this.#database.read, vouched.accountId);
    if (account === undefined) return undefined;
    const login =
      vouched === undefined
        ? loginByPassword(account, at)
        : loginByDirectory(account, vouched.service, at);
    if (login !== undefined && this.#mustVerify && account.verified !== 1) throw unverified();
    return login;
  }

  /** Checks of the same credentials at the same time share one hash. */
  async #once(attempt: Attempt): Promise<Right | undefined> {
    const running = this.#running.get(attempt.key);
    if (running !== undefined) return running;
    const started = this.#try(attempt).finally(() => this.#running.delete(attempt.key));
    this.#running.set(attempt.key, started);
    return started;
  }

  async #try(attempt: Attempt): Promise<Right | undefined> {
    const { name, address, key } = attempt;
    const byAccount = `account:${this.#digest([name])}`;
    const byAddress = `address:${addressGroup(address)}`;
    // Matched this very stored hash before: whoever guesses at the account cannot lock its owner out.
    if (!this.#known.has(key)) this.#refuseTooMany([byAccount, byAddress]);

    // Counted before it is known, lest many guesses at once slip through.
    this.#throttle.fail(byAccount, this.#now());
    let wasWrong = false;
    try {
      if (await this.#hashes.verify(attempt.hash, attempt.password)) {
        return this.#remember(key, { at: this.#now(), vouched: undefined });
      }
      // A wrong guess at a password of ours stays one when nobody else can be asked.
      wasWrong = attempt.hash !== undefined;
      const right = await this.#ask(name, attempt.password);
      wasWrong = right === undefined;
      return right && this.#remember(key, right);
    } finally {
      if (wasWrong) this.#throttle.fail(byAddress, this.#now());
      else this.#throttle.forgive(byAccount);
    }
  }

  #remember(key: string, right: Right): Right {
    this.#known.set(key, right);
    return right;
  }

  async #ask(name: string, password: string): Promise<Right | undefined> {
    for (const source of this.#sources) {
      const accountId = await source.check(name, password);
      if (accountId === undefined) continue;
      return { at: this.#now(), vouched: { service: source.service, accountId } };
    }
    return undefined;
  }

  #refuseTooMany(keys: readonly string[]): void {
    const wait = Math.max(...keys.map((key) => this.#throttle.wait(key, this.#now())));
    if (wait > 0) throw tooManyFailures(wait);
  }

  #digest(parts: readonly string[]): string {
    return createHmac("sha256", this.#key).update(JSON.stringify(parts)).digest("base64");
  }
}

function unverified(): RegistryError {
  return new RegistryError(
    "EMAIL_UNVERIFIED",
    "confirm your e-mail address first, with the link of the mail that you got; POST /api/v1/recovery sends another one",
  );
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
