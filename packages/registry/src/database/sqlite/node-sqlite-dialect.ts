import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type {
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
} from "kysely";
import { assertOutsideTransaction } from "../transaction-scope.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** Kysely on a connection that only reads: single statements that never wait for each other. */
export function readDialect(connection: SqliteConnection): Dialect {
  return new NodeSqliteDialect(new ReadDriver(connection), new ReadAdapter());
}

/** Kysely on the connection that writes: one transaction after the other. */
export function writeDialect(groups: GroupCommit): Dialect {
  return new NodeSqliteDialect(new WriteDriver(groups), new SqliteAdapter());
}

class NodeSqliteDialect implements Dialect {
  readonly #driver: Driver;
  readonly #adapter: DialectAdapter;

  constructor(driver: Driver, adapter: DialectAdapter) {
    this.#driver = driver;
    this.#adapter = adapter;
  }

  createDriver(): Driver {
    return this.#driver;
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return this.#adapter;
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** Keeps Kysely from putting one statement behind the other: a statement is over before the next can begin. */
class ReadAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class ReadDriver implements Driver {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    assertOutsideTransaction("a query of Database.read");
    return this.#connection;
  }
  async beginTransaction(): Promise<void> {
    throw new Error("Database.read is for single statements: use Database.transaction");
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

class WriteDriver implements Driver {
  readonly #groups: GroupCommit;

  constructor(groups: GroupCommit) {
    this.#groups = groups;
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#groups.connection;
  }
  async beginTransaction(): Promise<void> {
    await this.#groups.begin();
  }
  async commitTransaction(): Promise<void> {
    this.#groups.end();
  }
  async rollbackTransaction(): Promise<void> {
    this.#groups.undo();
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
