import { createHmac, hash, randomBytes, randomUUID } from "node:crypto";
import type { Database } from "../database/database.ts";
import type { AccountPrincipal, Origin } from "./principal.ts";
import {
  deleteSession,
  deleteSessionsOf,
  findSession,
  insertSession,
  refreshSession,
  touchSession,
} from "./session-store.ts";

/** A browser that is signed in. */
export interface Session {
  /** Names it for its owner; no secret. */
  readonly uuid: string;
  readonly principal: AccountPrincipal;
  /** When the owner last showed who they are, in milliseconds since 1970. */
  readonly freshAt: number;
  /** To be sent back in `X-CSRF-Token` with everything that changes something. */
  readonly csrfToken: string;
}

export interface SessionOptions {
  readonly database: Database;
  /** Milliseconds after the last request. */
  readonly life: number;
  readonly now: () => number;
}

/** `seen_at` and the end of a session are written at most this often, in milliseconds. */
const SEEN_STEP = 300_000;

/** Browsers that are signed in. The cookie's value is a secret of 256 bits; the database has its hash alone. */
export class Sessions {
  readonly #database: Database;
  readonly #life: number;
  readonly #now: () => number;

  constructor({ database, life, now }: SessionOptions) {
    this.#database = database;
    this.#life = life;
    this.#now = now;
  }

  /**
   * Signs somebody in who has just shown who they are.
   *
   * @param service that vouched for them; null: a password of ours
   * @returns the value of the cookie, and how long it lives in milliseconds
   */
  async begin(
    accountId: number,
    origin: Origin,
    service: string | null = null,
  ): Promise<{ readonly cookie: string; readonly life: number; readonly csrfToken: string }> {
    const cookie = randomBytes(32).toString("base64url");
    const now = this.#now();
    await this.#database.transaction((trx) =>
      insertSession(trx, {
        id_hash: hashOf(cookie),
        uuid: randomUUID(),
        account_id: accountId,
        created_at: now,
        seen_at: now,
        expires_at: now + this.#life,
        fresh_at: now,
        service,
        address: origin.address,
        user_agent: origin.userAgent?.slice(0, 500) ?? null,
      }),
    );
    return { cookie, life: this.#life, csrfToken: csrfTokenOf(cookie) };
  }

  /** The session of a cookie; undefined when there is none, or its account may not sign in any more. */
  async find(cookie: string): Promise<Session | undefined> {
    if (!/^[A-Za-z0-9_-]{43}$/.test(cookie)) return undefined;
    const idHash = hashOf(cookie);
    const now = this.#now();
    const row = await findSession(this.#database.read, idHash);
    if (row === undefined || row.expires_at <= now || row.enabled !== 1) return undefined;
    if (now - row.seen_at >= SEEN_STEP) {
      await this.#database.transaction((trx) => touchSession(trx, idHash, now, now + this.#life));
    }
    return {
      uuid: row.uuid,
      principal: {
        kind: "account",
        accountId: row.account_id,
        name: row.name,
        isRobot: false,
        isSuperuser: row.superuser === 1,
        shown: { kind: "session" },
      },
      freshAt: row.fresh_at,
      csrfToken: csrfTokenOf(cookie),
    };
  }

  /** The owner has shown once more who they are. */
  async refresh(uuid: string): Promise<void> {
    await this.#database.transaction((trx) => refreshSession(trx, uuid, this.#now()));
  }

  /** @returns false when the account has no such session */
  async end(accountId: number, uuid: string): Promise<boolean> {
    return this.#database.transaction((trx) => deleteSession(trx, accountId, uuid));
  }

  /** Signs somebody out everywhere, but in the session that is named. */
  async endAll(accountId: number, except?: string): Promise<void> {
    await this.#database.transaction((trx) => deleteSessionsOf(trx, accountId, except));
  }
}

function hashOf(cookie: string): string {
  return hash("sha256", cookie, "hex");
}

/** Bound to the session, and of no use to guess its cookie. */
function csrfTokenOf(cookie: string): string {
  return createHmac("sha256", cookie).update("csrf").digest("base64url");
}
