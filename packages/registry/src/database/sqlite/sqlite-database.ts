import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Kysely } from "kysely";
import type { Transaction } from "kysely";
import type { Database } from "../database.ts";
import { watched } from "../watched.ts";
import type { OnQuery } from "../watched.ts";
import { RunningCalls } from "../running-calls.ts";
import type { Tables } from "../tables.ts";
import { assertOutsideTransaction, insideTransaction } from "../transaction-scope.ts";
import { collectWakeUps, WakeUps } from "../wake-ups.ts";
import { GroupCommit } from "./group-commit.ts";
import { readDialect, writeDialect } from "./node-sqlite-dialect.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import type { WalSync } from "./wal-sync.ts";

interface Parts {
  readonly read: DatabaseSync;
  readonly write: DatabaseSync;
  readonly wal: WalSync;
  readonly lockTimeout: number;
  readonly onQuery?: OnQuery | undefined;
}

/** Transactions run one after the other; see GroupCommit and WalSync for how they become durable. */
export class SqliteDatabase implements Database {
  readonly dialect = "sqlite";
  readonly read: Kysely<Tables>;
  readonly #parts: Parts;
  readonly #write: Kysely<Tables>;
  readonly #groups: GroupCommit;
  readonly #dataVersion: StatementSync;
  readonly #wakeUps = new WakeUps();
  readonly #running = new RunningCalls();
  readonly #forgetVersion = (): void => {
    this.#version = undefined;
    this.#isTurn = false;
  };
  #version: number | undefined;
  /** Requests have been read from sockets that were ready at the same time. */
  #isTurn = false;
  #closed = false;

  constructor(parts: Parts) {
    const { read, write, wal, lockTimeout, onQuery } = parts;
    this.#parts = parts;
    this.#groups = new GroupCommit({ connection: write, wal, lockTimeout });
    this.read = new Kysely({
      dialect: readDialect(new SqliteConnection(read)),
      ...watched(onQuery),
    });
    this.#write = new Kysely({ dialect: writeDialect(this.#groups), ...watched(onQuery) });
    this.#dataVersion = read.prepare("pragma data_version", { returnArrays: true });
  }

  async transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    assertOutsideTransaction("transaction()");
    if (this.#closed) throw new Error("the database is closed");
    return this.#running.run(this.#transact(work));
  }

  async #transact<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    const groups = this.#groups;
    groups.announce();
    const { result, channels, durable } = await this.#write.transaction().execute(async (trx) => {
      const { durable } = groups;
      const ended = await insideTransaction(() => collectWakeUps(trx, work));
      return { ...ended, durable: () => durable };
    });
    await durable();
    for (const channel of channels) this.notify(channel);
    return result;
  }

  version(): number | undefined {
    if (this.#version === undefined) {
      // The read connection sees a new value after each commit of any other connection (sqlite.org/pragma.html).
      const [version] = Object.values(this.#dataVersion.get() ?? []);
      if (typeof version !== "number") return undefined;
      this.#version = version;
      // It costs two locks of a file; one callback asks several times.
      if (!this.#isTurn) process.nextTick(this.#forgetVersion);
    }
    return this.#version;
  }

  /** Immediates run right after the sockets that were ready were read, before the loop waits for others. */
  readonly requestArrived = (): void => {
    if (this.#isTurn) return;
    this.#isTurn = true;
    this.#version = undefined;
    setImmediate(this.#forgetVersion);
  };

  /** Within the process; what other processes do on this machine is found by the listeners' slow polls. */
  notify(channel: string): void {
    queueMicrotask(() => this.#wakeUps.wake(channel));
  }

  listen(channel: string, listener: () => void): () => void {
    return this.#wakeUps.listen(channel, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#running.ended();
    await Promise.all([this.read.destroy(), this.#write.destroy()]);
    const { read, write, wal } = this.#parts;
    read.close(); // first: the last connection to close does a checkpoint, which this one cannot
    write.close();
    wal[Symbol.dispose]();
  }
}
