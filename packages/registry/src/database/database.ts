import type { Kysely, Transaction } from "kysely";
import type { Tables } from "./tables.ts";

/**
 * The registry's database. Queries are the same on SQLite and PostgreSQL; where they cannot be, `dialect` tells which.
 */
export interface Database extends AsyncDisposable {
  readonly dialect: "sqlite" | "postgres";
  /** Single statements that only read. Sees everything that was committed before. */
  readonly read: Kysely<Tables>;
  /**
   * Runs `work` in one transaction. When the promise resolves, what it wrote survives a crash of process and machine.
   * An error thrown by `work` undoes everything and is thrown on. `work` may run again after a deadlock or a
   * serialization failure, so it must do nothing but query; it uses `trx` alone, never `read`, and awaits nothing else.
   */
  transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
  /**
   * A number that changes with every commit by any process, or undefined where that cannot be told cheaply
   * (PostgreSQL). What was read from the database may be kept in memory as long as it stays the same.
   */
  version(): number | undefined;
  /**
   * Optional: to be called when a request has come from the network. Until the event loop looks at the network again, `version()`
   * may give the same answer: whatever is committed meanwhile, nobody who has sent a request by now was told of it.
   */
  readonly requestArrived?: () => void;
  /** Tells all processes that work waits. Lossy: a hint, never the only way. */
  notify(channel: string): void;
  /** @returns a function that ends the subscription */
  listen(channel: string, listener: () => void): () => void;
}
