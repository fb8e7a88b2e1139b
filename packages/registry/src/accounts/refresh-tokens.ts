import * as errors from "jose/errors";
import { SignJWT } from "jose/jwt/sign";
import { jwtVerify } from "jose/jwt/verify";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { findAccountById } from "./account-store.ts";
import { findCredentialById } from "./credential-store.ts";
import { isForRobots, loginByCredential, loginByPassword } from "./login.ts";
import type { Login } from "./login.ts";
import { settle } from "./setting-store.ts";

const ISSUER = "wharf";
const TYPE = "wharf-refresh+jwt";
const PURPOSE = "refresh";
const ALGORITHM = "HS256";
/** Unlike the keys of access tokens it stays: clients keep refresh tokens in place of a password. */
const SETTING = "refresh-token-key";
const DAY = 86_400_000;
const LIFE = 365 * DAY;

const Claims = z.object({
  purpose: z.literal(PURPOSE),
  sub: z.string().regex(/^(?:password|credential):\d{1,15}$/),
  fingerprint: z.string(),
});

/**
 * Refresh tokens (Distribution's oauth2 specification): stand for the password or secret that was shown, and die with
 * it or with the account. Signed with another kind of key than access tokens, so neither is ever taken for the other.
 */
export class RefreshTokens {
  readonly #database: Database;
  readonly #robots: boolean;
  readonly #now: () => number;
  #key: Promise<Uint8Array> | undefined;

  /** @param options.robots false: none of them may log in */
  constructor(options: {
    readonly database: Database;
    readonly robots: boolean;
    readonly now: () => number;
  }) {
    this.#database = options.database;
    this.#robots = options.robots;
    this.#now = options.now;
  }

  /** @param service name of this registry */
  async issue(login: Login, service: string): Promise<string> {
    const now = this.#now();
    return new SignJWT({ purpose: PURPOSE, fingerprint: login.fingerprint })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setIssuer(ISSUER)
      .setSubject(login.source)
      .setAudience(service)
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor((now + LIFE) / 1000))
      .sign(await this.#signingKey());
  }

  /** @returns undefined when it is no refresh token of this registry, or no longer good */
  async redeem(token: string, service: string): Promise<Login | undefined> {
    const claims = await this.#verify(token, service);
    if (claims === undefined) return undefined;
    const login = await this.#find(claims.sub);
    if (login === undefined) return undefined;
    const shown = Buffer.from(claims.fingerprint);
    const current = Buffer.from(login.fingerprint);
    return shown.length === current.length && timingSafeEqual(shown, current) ? login : undefined;
  }

  async #verify(token: string, service: string): Promise<z.infer<typeof Claims> | undefined> {
    const key = await this.#signingKey();
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: service,
        clockTolerance: 30,
        currentDate: new Date(this.#now()),
        requiredClaims: ["exp", "iat", "sub"],
      });
      return Claims.parse(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }

  async #find(source: string): Promise<Login | undefined> {
    const [kind, id] = source.split(":");
    const now = this.#now();
    if (kind === "password") {
      const account = await findAccountById(this.#database.read, Number(id));
      return account && loginByPassword(account, now);
    }
    const credential = await findCredentialById(this.#database.read, Number(id));
    if (credential === undefined || (isForRobots(credential.kind) && !this.#robots))
      return undefined;
    return loginByCredential(credential, now);
  }

  async #signingKey(): Promise<Uint8Array> {
    this.#key ??= this.#readKey();
    try {
      return await this.#key;
    } catch (error) {
      this.#key = undefined; // asked again next time
      throw error;
    }
  }

  async #readKey(): Promise<Uint8Array> {
    const text = await settle(this.#database, SETTING, () => randomBytes(32).toString("base64url"));
    return Buffer.from(text, "base64url");
  }
}
