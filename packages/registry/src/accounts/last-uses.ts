import { LRUCache } from "lru-cache";
import type { Database } from "../database/database.ts";
import type { Logger } from "../log.ts";
import { setLastUsed } from "./credential-store.ts";
import type { CredentialRow } from "./credential-store.ts";

/** The time of last use is exact to this, in milliseconds: a write for each pull would be too many. */
const STEP = 3_600_000;

type Use = Parameters<typeof setLastUsed>[1];

/** Writes down when secrets, and the accounts behind them, were last used, and from where. No login waits for it. */
export class LastUses {
  readonly #database: Database;
  readonly #log: Pick<Logger, "warn"> | undefined;
  /** When this process noted the use of a credential; requests at the same time write once. */
  readonly #noted = new LRUCache<number, number>({ max: 10_000 });
  readonly #waiting: Use[] = [];
  #writing: Promise<void> | undefined;

  constructor(database: Database, log: Pick<Logger, "warn"> | undefined) {
    this.#database = database;
    this.#log = log;
  }

  /** @param at milliseconds since 1970 @param from address of the client */
  note(credential: CredentialRow, at: number, from: string): void {
    const { id, account_id: accountId, last_used_at: lastUsed } = credential;
    if (at < Math.max(lastUsed ?? 0, this.#noted.get(id) ?? 0) + STEP) return;
    this.#noted.set(id, at);
    this.#waiting.push({ credentialId: id, accountId, at, from });
    this.#writing ??= this.#write();
  }

  /** Resolves when all that was noted is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let use = this.#waiting.shift(); use !== undefined; use = this.#waiting.shift()) {
      await this.#writeOne(use);
    }
    this.#writing = undefined;
  }

  async #writeOne(use: Use): Promise<void> {
    try {
      await this.#database.transaction((trx) => setLastUsed(trx, use));
    } catch (error) {
      // A database that cannot be written is no reason to refuse a pull.
      this.#log?.warn("the use of a secret could not be noted", {
        error: error instanceof Error ? error : String(error),
        credential: use.credentialId,
      });
    }
  }
}
