import { hash, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Database } from "../database/database.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { parseBasic } from "./basic-credentials.ts";
import type { Caller } from "./caller.ts";
import type { Challenges } from "./challenge.ts";
import type { Login } from "./login.ts";
import type { PasswordLogins } from "./password-logins.ts";
import { ANONYMOUS } from "./principal.ts";
import type { Principal } from "./principal.ts";
import { SecretLogins } from "./secret-logins.ts";

/** `Authorization` headers that are remembered, as hashes; about 1 KiB each with their principals. */
const REMEMBERED = 10_000;

interface Known {
  readonly principal: Principal;
  readonly until: number;
  /** A token's: the registry it is for. It is good whatever is committed. */
  readonly service: string | undefined;
  /** A login's: the version of the database that it was read from. */
  readonly version: number | undefined;
}

/** Tells who makes a request. The same header again costs a hash and a look into memory. */
export class Authenticator {
  readonly #database: Database;
  readonly #passwords: PasswordLogins;
  readonly #secrets: SecretLogins;
  readonly #tokens: AccessTokens;
  readonly #challenges: Challenges;
  readonly #now: () => number;
  readonly #known = new LRUCache<string, Known>({ max: REMEMBERED });
  /** Before what is hashed, so that a dump of the memory tells nothing that could be tried out elsewhere. */
  readonly #pepper = randomBytes(32).toString("base64");

  constructor(options: {
    readonly database: Database;
    readonly passwords: PasswordLogins;
    readonly secrets: SecretLogins;
    readonly tokens: AccessTokens;
    readonly challenges: Challenges;
    readonly now: () => number;
  }) {
    this.#database = options.database;
    this.#passwords = options.passwords;
    this.#secrets = options.secrets;
    this.#tokens = options.tokens;
    this.#challenges = options.challenges;
    this.#now = options.now;
  }

  /**
   * @param scope that the request needs, for the challenge when the credentials are not good
   * @throws {RegistryError} `UNAUTHORIZED` with a challenge, `TOOMANYREQUESTS`, `UNAVAILABLE`
   */
  async authenticate(caller: Caller, scope?: string): Promise<Principal> {
    const header = caller.header("authorization");
    if (header === undefined) return ANONYMOUS;
    const key = hash("sha256", this.#pepper + header, "base64");
    const known = this.#known.get(key);
    if (known !== undefined && this.#isCurrent(known, caller)) return known.principal;

    const read = await this.#read(caller, header, scope);
    this.#known.set(key, read);
    return read.principal;
  }

  /**
   * User and password as a login.
   *
   * @returns undefined when they are wrong
   * @throws {RegistryError} `TOOMANYREQUESTS`, `UNAVAILABLE`
   */
  async login(user: string, secret: string, address: string): Promise<Login | undefined> {
    if (SecretLogins.isFor(user)) return this.#secrets.check(user, secret, address);
    const byToken = await this.#secrets.checkOwn(user, secret, address);
    return byToken ?? this.#passwords.check(user, secret, address);
  }

  /** The login of a `Basic` header. @throws {RegistryError} as {@link authenticate} */
  async loginByHeader(caller: Caller, header: string, scope?: string): Promise<Login> {
    const [scheme, value] = splitHeader(header);
    if (scheme !== "basic") {
      throw this.#challenges.unauthorized(caller, "only Basic credentials are taken here");
    }
    const credentials = parseBasic(value);
    if (typeof credentials === "string") {
      throw this.#challenges.unauthorized(caller, credentials, { scope });
    }
    const login = await this.login(credentials.user, credentials.secret, caller.address);
    if (login !== undefined) return login;
    throw this.#challenges.unauthorized(caller, WRONG_CREDENTIALS, { scope });
  }

  async #read(caller: Caller, header: string, scope: string | undefined): Promise<Known> {
    const [scheme, value] = splitHeader(header);
    if (scheme === "basic") {
      // Before it is read: what is committed meanwhile makes it old at once.
      const version = this.#database.version();
      const { principal, until } = await this.loginByHeader(caller, header, scope);
      return { principal, until, service: undefined, version };
    }
    if (scheme !== "bearer") {
      throw this.#challenges.unauthorized(
        caller,
        "the Authorization header must be Basic or Bearer",
        { scope },
      );
    }
    // A JWT has dots (RFC 7515, 3.1), a secret of ours has none.
    if (!value.includes(".")) {
      const version = this.#database.version();
      const login = await this.#secrets.checkBearer(value, caller.address);
      if (login !== undefined) {
        return { principal: login.principal, until: login.until, service: undefined, version };
      }
    }
    const service = this.#challenges.service(caller);
    const verified = value.includes(".") ? await this.#tokens.verify(value, service) : undefined;
    if (verified !== undefined) return { ...verified, service, version: undefined };
    throw this.#challenges.unauthorized(caller, "the token is not valid, or not any more", {
      scope,
      error: "invalid_token",
    });
  }

  #isCurrent({ until, service, version }: Known, caller: Caller): boolean {
    if (this.#now() >= until) return false;
    return service === undefined
      ? version !== undefined && version === this.#database.version()
      : service === this.#challenges.service(caller);
  }
}

/** One text for all that can be wrong, so that it tells nothing. */
export const WRONG_CREDENTIALS = "wrong user name or password";

/** Scheme in lower case, and the rest (RFC 9110 section 11.4). */
function splitHeader(header: string): [scheme: string, value: string] {
  const space = header.indexOf(" ");
  if (space < 0) return [header.toLowerCase(), ""];
  return [header.slice(0, space).toLowerCase(), header.slice(space + 1).trim()];
}
