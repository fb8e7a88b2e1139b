import type { Database } from "../database/database.ts";
import { findCredentialByHash } from "./credential-store.ts";
import type { CredentialRow } from "./credential-store.ts";
import { addressGroup } from "./failure-throttle.ts";
import type { FailureThrottle } from "./failure-throttle.ts";
import type { LastUses } from "./last-uses.ts";
import { isForRobots, loginByCredential } from "./login.ts";
import type { Login } from "./login.ts";
import { tooManyFailures } from "./password-logins.ts";
import { hashSecret, isSecret } from "./secret.ts";

/** Basic users that are no accounts (Quay's names), and what they show. */
const SPECIAL: ReadonlyMap<string, CredentialRow["kind"]> = new Map([
  ["$app", "application"],
  ["$oauthtoken", "oauth"],
  ["$token", "repository"],
]);

/** Checks secrets that the registry made: tokens of robots, `$app`, `$oauthtoken`, `$token`, OAuth tokens as Bearer. */
export class SecretLogins {
  readonly #database: Database;
  readonly #throttle: FailureThrottle;
  readonly #lastUses: LastUses;
  readonly #robots: boolean;
  readonly #now: () => number;

  /** @param options.robots false: none of them may log in */
  constructor(options: {
    readonly database: Database;
    readonly throttle: FailureThrottle;
    readonly lastUses: LastUses;
    readonly robots: boolean;
    readonly now: () => number;
  }) {
    this.#database = options.database;
    this.#throttle = options.throttle;
    this.#lastUses = options.lastUses;
    this.#robots = options.robots;
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
    const key = user.startsWith("$") ? keyOf(address) : `robot:${user.slice(0, 511)}`;
    return this.#check(secret, address, key, (credential) => isOf(credential, user));
  }

  /**
   * An OAuth token without a user beside it (RFC 6750, 2.1).
   *
   * @throws {RegistryError} `TOOMANYREQUESTS`
   */
  async checkBearer(secret: string, address: string): Promise<Login | undefined> {
    return this.#check(secret, address, keyOf(address), ({ kind }) => kind === "oauth");
  }

  /**
   * An application token with its owner's name in place of `$app`, as Quay's encrypted passwords are used.
   *
   * @returns undefined for everything else: it may still be a password
   */
  async checkOwn(user: string, secret: string, address: string): Promise<Login | undefined> {
    if (!isSecret(secret)) return undefined;
    const now = this.#now();
    const credential = await findCredentialByHash(this.#database.read, hashSecret(secret));
    if (credential?.kind !== "application" || credential.name !== user) return undefined;
    const login = loginByCredential(credential, now);
    if (login !== undefined) this.#lastUses.note(credential, now, address);
    return login;
  }

  async #check(
    secret: string,
    address: string,
    key: string,
    fits: (credential: CredentialRow) => boolean,
  ): Promise<Login | undefined> {
    const now = this.#now();
    const credential = await findCredentialByHash(this.#database.read, hashSecret(secret));
    const login =
      credential !== undefined && fits(credential) && this.#mayLogIn(credential)
        ? loginByCredential(credential, now)
        : undefined;
    if (credential !== undefined && login !== undefined) {
      this.#lastUses.note(credential, now, address);
      return login;
    }
    const wait = this.#throttle.wait(key, now);
    if (wait > 0) throw tooManyFailures(wait);
    this.#throttle.fail(key, now);
    return undefined;
  }

  #mayLogIn({ kind }: CredentialRow): boolean {
    return this.#robots || !isForRobots(kind);
  }
}

/** Throttles wrong secrets that belong to nobody in particular. */
function keyOf(address: string): string {
  return `secret-from:${addressGroup(address)}`;
}

function isOf(credential: CredentialRow, user: string): boolean {
  return isForRobots(credential.kind)
    ? credential.name === user
    : SPECIAL.get(user) === credential.kind;
}
