import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface CachedStatement {
  readonly statement: StatementSync;
  /** Names of the columns it answers with; none when it only changes something. */
  readonly columns: readonly string[];
}

/** As many as were used last stay prepared: lists of values make texts without end. */
const CAPACITY = 300;

/** Prepared statements of one connection by their text; their rows are arrays. */
export class StatementCache {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, CachedStatement>();

  constructor(connection: DatabaseSync) {
    this.#connection = connection;
  }

  get(sql: string): CachedStatement {
    const found = this.#statements.get(sql);
    if (found !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, found);
      return found;
    }
    const statement = this.#connection.prepare(sql, { returnArrays: true });
    const made = { statement, columns: statement.columns().map(({ name }) => name) };
    this.#statements.set(sql, made);
    for (const oldest of this.#statements.keys()) {
      if (this.#statements.size <= CAPACITY) break;
      this.#statements.delete(oldest);
    }
    return made;
  }
}
