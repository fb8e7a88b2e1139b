import { LRUCache } from "lru-cache";
import type { Database } from "../database/database.ts";
import type { Logger } from "../log.ts";
import { findCredentialByHash, setLastUsed } from "./credential-store.ts";
import type { CredentialRow } from "./credential-store.ts";
import { addressGroup } from "./failure-throttle.ts";
import type { FailureThrottle } from "./failure-throttle.ts";
import { loginByCredential } from "./login.ts";
import type { Login } from "./login.ts";
import { tooManyFailures } from "./password-logins.ts";
import { hashSecret } from "./secret.ts";

/** Basic users that are no accounts (Quay's names), and what they show. */
const SPECIAL: ReadonlyMap<string, CredentialRow["kind"]> = new Map([
  ["$app", "application"],
  ["$oauthtoken", "oauth"],
  ["$token", "repository"],
]);

/** The time of last use is exact to this, in milliseconds: a write for each pull would be too many. */
const LAST_USED_STEP = 3_600_000;

/** Checks secrets that the registry made: tokens of robots, `$app`, `$oauthtoken`, `$token`. */
export class SecretLogins {
  readonly #database: Database;
  readonly #throttle: FailureThrottle;
  readonly #log: Pick<Logger, "warn"> | undefined;
  readonly #now: () => number;
  /** When this process noted the use of a credential; requests at the same time write once. */
  readonly #noted = new LRUCache<number, number>({ max: 10_000 });

  constructor(options: {
    readonly database: Database;
    readonly throttle: FailureThrottle;
    readonly log: Pick<Logger, "warn"> | undefined;
    readonly now: () => number;
  }) {
    this.#database = options.database;
    this.#throttle = options.throttle;
    this.#log = options.log;
    this.#now = options.now;
  }

  /** Is this a user that shows a secret, not a password? */
  static isFor(user: string): boolean {
    return user.startsWith("$") || user.includes("+");
  }

  /**
   * A right secret always passes. Wrong ones are throttled by robot, or by address for the special users, apart from
   * passwords: they cannot be guessed, and an outdated token somewhere must not lock out the people beside it.
   *
   * @throws {RegistryError} `TOOMANYREQUESTS`
   */
  async check(user: string, secret: string, address: string): Promise<Login | undefined> {
    const now = this.#now();
    const credential = await findCredentialByHash(this.#database.read, hashSecret(secret));
    const login =
      credential !== undefined && isOf(credential, user)
        ? loginByCredential(credential, now)
        : undefined;
    if (credential !== undefined && login !== undefined) {
      await this.#noteUse(credential, now);
      return login;
    }
    const key = user.startsWith("$")
      ? `secret-from:${addressGroup(address)}`
      : `robot:${user.slice(0, 511)}`;
    const wait = this.#throttle.wait(key, now);
    if (wait > 0) throw tooManyFailures(wait);
    this.#throttle.fail(key, now);
    return undefined;
  }

  async #noteUse({ id, last_used_at: lastUsed }: CredentialRow, now: number): Promise<void> {
    const noted = Math.max(lastUsed ?? 0, this.#noted.get(id) ?? 0);
    if (now < noted + LAST_USED_STEP) return;
    this.#noted.set(id, now);
    try {
      await this.#database.transaction((trx) => setLastUsed(trx, id, now));
    } catch (error) {
      // A database that cannot be written is no reason to refuse a pull.
      this.#log?.warn("the use of a secret could not be noted", {
        error: error instanceof Error ? error : String(error),
        credential: id,
      });
    }
  }
}

function isOf(credential: CredentialRow, user: string): boolean {
  return credential.kind === "robot"
    ? credential.name === user
    : SPECIAL.get(user) === credential.kind;
}
