import { setImmediate, setTimeout } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import type { CompiledQuery, QueryResult } from "kysely";
import { SqliteConnection } from "./sqlite-connection.ts";
import type { WalSync } from "./wal-sync.ts";

interface Options {
  readonly connection: DatabaseSync;
  readonly wal: WalSync;
  /** How long a transaction waits for those of other processes, in milliseconds. */
  readonly lockTimeout: number;
}

/** A group goes on taking transactions for so long, in milliseconds; requests that only read wait meanwhile. */
const GROUP_TIME = 4;

/**
 * Transactions that wait for each other anyway become savepoints of one SQLite transaction: pages that several of them
 * change, which is most pages, are written once. They come one after the other; each is undone alone, is told that it
 * is durable when all are, and nobody else sees any of them before.
 */
export class GroupCommit {
  /** Runs the statements of the transaction that has begun. */
  readonly connection: MemberConnection;
  readonly #options: Options;
  #waiting = 0;
  #group: Group | undefined;
  #rest: Promise<void> | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.connection = new MemberConnection(options.connection);
  }

  /** To be called when a transaction is asked for, before `begin`: the group stays open for it. */
  announce(): void {
    this.#options.wal.check();
    this.#waiting++;
  }

  /** The transaction before must have ended. */
  async begin(): Promise<void> {
    await this.#rest;
    this.#waiting--;
    if (this.#group === undefined) {
      await this.#lock();
      this.#group = new Group();
    } else {
      this.connection.run(SAVEPOINT);
    }
    this.#group.members++;
  }

  /** Resolves when the transaction that has begun is durable; rejects when it is not, though it came to its end. */
  get durable(): Promise<void> {
    if (this.#group === undefined) throw new Error("no transaction has begun");
    return this.#group.durable;
  }

  /** Ends the transaction that has begun. */
  end(): void {
    if (this.#group === undefined) throw new Error("no transaction has begun");
    if (this.#group.members > 1) this.connection.run(`release ${MEMBER}`);
    this.#close(this.#group);
  }

  /** Undoes the transaction that has begun. */
  undo(): void {
    const group = this.#group;
    if (group === undefined) return;
    if (!this.#options.connection.isTransaction) {
      // A full disk and the like undo all of it (sqlite.org/lang_transaction.html, chapter 3).
      this.#group = undefined;
      group.reject(new Error("the database has undone a transaction that shared its commit"));
    } else if (group.members === 1) {
      this.#group = undefined;
      group.resolve();
      this.connection.run("rollback");
    } else {
      this.connection.run(`rollback to ${MEMBER}`);
      this.connection.run(`release ${MEMBER}`);
      this.#close(group);
    }
  }

  #close(group: Group): void {
    const tired = performance.now() - group.begunAt > GROUP_TIME;
    if (this.#waiting > 0 && !tired) return;
    this.#group = undefined;
    if (tired) this.#rest = setImmediate().finally(() => (this.#rest = undefined));
    try {
      this.connection.run("commit");
    } catch (error) {
      group.reject(error);
      if (this.#options.connection.isTransaction) this.connection.run("rollback");
      return;
    }
    this.#options.wal.sync().then(group.resolve, group.reject);
  }

  /**
   * Another process may be in the middle of a transaction. SQLite itself would wait on this thread (busy_timeout), and
   * with it every request. Once the lock is held nothing can be busy.
   */
  async #lock(): Promise<void> {
    const giveUpAt = performance.now() + this.#options.lockTimeout;
    for (let pause = 1; ; pause = Math.min(2 * pause, 50)) {
      try {
        this.connection.run("begin immediate");
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > giveUpAt) throw error;
      }
      await setTimeout(pause);
    }
  }
}

const MEMBER = "member";
const SAVEPOINT = `savepoint ${MEMBER}`;

/** One transaction of SQLite. */
class Group {
  readonly begunAt = performance.now();
  readonly durable: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
  members = 0;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // perhaps nobody is left who waits
    this.durable = promise;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** A statement outside of a transaction would be committed by itself, after SQLite has undone the rest. */
class MemberConnection extends SqliteConnection {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    super(database);
    this.#database = database;
  }

  override async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (!this.#database.isTransaction) throw new Error("the transaction has been undone");
    return super.executeQuery(query);
  }
}

/** SQLITE_BUSY with any extended code (sqlite.org/rescode.html). */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error)) return false;
  return typeof error.errcode === "number" && (error.errcode & 0xff) === 5;
}
