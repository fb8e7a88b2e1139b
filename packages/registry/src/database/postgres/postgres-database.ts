import { Kysely, PostgresDialect } from "kysely";
import type { Transaction } from "kysely";
import type pg from "pg";
import type { Database } from "../database.ts";
import { RunningCalls } from "../running-calls.ts";
import type { Tables } from "../tables.ts";
import { assertOutsideTransaction, insideTransaction } from "../transaction-scope.ts";
import { collectWakeUps } from "../wake-ups.ts";
import { watched } from "../watched.ts";
import type { OnQuery } from "../watched.ts";
import { Notifications } from "./notifications.ts";
import { retryTransaction } from "./retry-transaction.ts";
import type { Attempt } from "./retry-transaction.ts";

/**
 * Transactions are READ COMMITTED, PostgreSQL's default: a statement sees what was committed before it began, and an
 * UPDATE waits for the row and then works on its newest version. Who decides by what he has read locks it (`for update`).
 */
export class PostgresDatabase implements Database {
  readonly dialect = "postgres";
  readonly read: Kysely<Tables>;
  readonly #write: Kysely<Tables>;
  readonly #pool: pg.Pool;
  readonly #notifications: Notifications;
  readonly #running = new RunningCalls();
  #closed = false;

  /** @param connect makes a connection of its own to the same database, not yet connected */
  constructor(pool: pg.Pool, connect: () => pg.Client, onQuery?: OnQuery) {
    this.#pool = pool;
    this.#write = new Kysely({
      dialect: new PostgresDialect({
        pool: { connect: () => pool.connect(), end, options: pool.options },
      }),
      ...watched(onQuery),
    });
    this.read = new Kysely({
      dialect: new PostgresDialect({
        pool: {
          connect: () => {
            assertOutsideTransaction("a query of Database.read");
            return pool.connect();
          },
          end,
          options: pool.options,
        },
      }),
      ...watched(onQuery),
    });
    this.#notifications = new Notifications({
      connect,
      send: (text, values) => pool.query(text, values),
    });
  }

  async transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    assertOutsideTransaction("transaction()");
    if (this.#closed) throw new Error("the database is closed");
    return this.#running.run(this.#transact(work));
  }

  async #transact<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    const { result, channels } = await retryTransaction((attempt) => this.#attempt(attempt, work));
    for (const channel of channels) this.notify(channel);
    return result;
  }

  async #attempt<T>(attempt: Attempt, work: (trx: Transaction<Tables>) => Promise<T>) {
    let failure: { readonly error: unknown } | undefined;
    try {
      return await this.#write.transaction().execute(async (trx) => {
        try {
          const ended = await insideTransaction(() => collectWakeUps(trx, work));
          attempt.committing = true;
          return ended;
        } catch (error) {
          failure = { error };
          throw error;
        }
      });
    } catch (error) {
      throw failure === undefined ? error : failure.error; // and not that a rollback failed, too
    }
  }

  version(): undefined {
    return undefined;
  }

  notify(channel: string): void {
    this.#notifications.notify(channel);
  }

  listen(channel: string, listener: () => void): () => void {
    return this.#notifications.listen(channel, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#running.ended();
    await this.#notifications[Symbol.asyncDispose]();
    await this.#pool.end();
  }
}

/** The pool is shared; the database ends it. */
async function end(): Promise<void> {}
