import { createHmac, hash, randomBytes, randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { lockAccountById, setAccountUsed } from "./account-store.ts";
import type { AccountRow } from "./account-store.ts";
import type { AccountPrincipal, Origin } from "./principal.ts";
import {
  deleteSession,
  deleteSessionsOf,
  findSession,
  insertSession,
  listSessions,
  refreshSession,
  touchSession,
} from "./session-store.ts";
import type { ListedSession } from "./session-store.ts";

/** A browser that is signed in. */
export interface Session {
  /** Names it for its owner; no secret. */
  readonly uuid: string;
  readonly principal: AccountPrincipal;
  /** When the owner last showed who they are, in milliseconds since 1970. */
  readonly freshAt: number;
  /** To be sent back in `X-CSRF-Token` with everything that changes something. */
  readonly csrfToken: string;
  /** It was just made longer: the browser's cookie must be as well. */
  readonly isRenewed: boolean;
}

/** A session that has just begun. */
export interface BegunSession {
  readonly uuid: string;
  /** The value of the cookie. */
  readonly cookie: string;
  /** Of the cookie, in milliseconds. */
  readonly life: number;
  readonly csrfToken: string;
}

/** How a session begins; all of it in one transaction. */
export interface BeginOptions {
  /** Looks at the locked account once more: what was checked may have changed meanwhile. */
  readonly isStillGood?: (account: AccountRow) => boolean;
  /** The session of the same browser that ends with it. */
  readonly replaces?: string | undefined;
  /** What else is written, such as an entry of the audit log. */
  readonly also?: (trx: Transaction<Tables>) => Promise<void>;
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

  /** How long a session lives after its last request, in milliseconds. */
  get life(): number {
    return this.#life;
  }

  /**
   * Signs somebody in who has just shown who they are. A session never outlives what ends sessions: the account is
   * locked, so a change of its password comes before, and is seen, or after, and ends this one as well.
   *
   * @param service that vouched for them; null: a password of ours
   * @returns undefined when the account may not sign in, or not any more
   */
  async begin(
    accountId: number,
    origin: Origin,
    service: string | null = null,
    options: BeginOptions = {},
  ): Promise<BegunSession | undefined> {
    const { isStillGood = () => true, replaces, also } = options;
    const cookie = randomBytes(32).toString("base64url");
    const uuid = randomUUID();
    const now = this.#now();
    const { dialect } = this.#database;
    const hasBegun = await this.#database.transaction(async (trx) => {
      const account = await lockAccountById(trx, accountId, dialect);
      if (account?.kind !== "user" || account.enabled !== 1 || !isStillGood(account)) return false;
      if (replaces !== undefined) await deleteSession(trx, undefined, replaces);
      await insertSession(trx, {
        id_hash: hashOf(cookie),
        uuid,
        account_id: accountId,
        created_at: now,
        seen_at: now,
        expires_at: now + this.#life,
        fresh_at: now,
        service,
        address: origin.address,
        user_agent: origin.userAgent?.slice(0, 500) ?? null,
      });
      await setAccountUsed(trx, accountId, now);
      await also?.(trx);
      return true;
    });
    if (!hasBegun) return undefined;
    return { uuid, cookie, life: this.#life, csrfToken: csrfTokenOf(cookie) };
  }

  /** The session of a cookie; undefined when there is none, or its account may not sign in any more. */
  async find(cookie: string): Promise<Session | undefined> {
    if (!/^[A-Za-z0-9_-]{43}$/.test(cookie)) return undefined;
    const idHash = hashOf(cookie);
    const now = this.#now();
    const row = await findSession(this.#database.read, idHash);
    if (row === undefined || row.expires_at <= now || row.enabled !== 1) return undefined;
    const isRenewed = now - row.seen_at >= SEEN_STEP;
    if (isRenewed) {
      await this.#database.transaction(async (trx) => {
        await touchSession(trx, idHash, now, now + this.#life);
        await setAccountUsed(trx, row.account_id, now);
      });
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
      isRenewed,
    };
  }

  /** The latest of somebody's sessions, those seen last first. */
  async list(accountId: number, limit: number): Promise<readonly ListedSession[]> {
    return listSessions(this.#database.read, accountId, this.#now(), limit);
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
