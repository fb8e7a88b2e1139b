import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import { StatementCache } from "./statement-cache.ts";

/** Statements run at once, on the calling thread. */
export class SqliteConnection implements DatabaseConnection {
  readonly #statements: StatementCache;

  constructor(connection: DatabaseSync) {
    this.#statements = new StatementCache(connection);
  }

  /** For what has neither parameters nor rows. */
  run(sql: string): void {
    this.#statements.get(sql).statement.run();
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { statement, columns } = this.#statements.get(sql);
    const values = parameters as readonly SQLInputValue[]; // node:sqlite refuses what is none
    if (columns.length > 0) {
      const rows = statement.all(...values) as unknown as unknown[][]; // so prepared by StatementCache
      return { rows: rows.map((row) => namedRow(columns, row) as R) }; // what the query builder worked out
    }
    const { changes } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("stream() would hold the database open: read page by page, by key");
  }
}

/** A plain object, as pg makes it; those of node:sqlite have no prototype, and making them takes longer. */
function namedRow(columns: readonly string[], values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  for (const [place, name] of columns.entries()) row[name] = values[place];
  return row;
}
