import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "node:test";
import type { Database } from "../database.ts";
import { openDatabase } from "../open-database.ts";
import type { DatabaseOptions } from "../open-database.ts";
import { lendDatabase } from "./postgres-databases.ts";
import { whyNoPostgres } from "./postgres-server.ts";

/** An empty database with all tables; disposing it throws it away. */
export interface TestDatabase extends Database {
  /** For {@link openDatabase}: a second replica on the same data. To be closed before this one. */
  readonly options: DatabaseOptions;
}

type OpenTestDatabase = () => Promise<TestDatabase>;

/**
 * Describes the same tests on SQLite and on PostgreSQL.
 *
 * @example
 * everyDatabase((dialect, openTestDatabase) => {
 *   test("a tag moves", async () => {
 *     await using database = await openTestDatabase();
 *   });
 * });
 */
export function everyDatabase(
  describe: (dialect: Database["dialect"], openTestDatabase: OpenTestDatabase) => void,
): void {
  suite("on SQLite", () => describe("sqlite", openTestSqlite));
  const missing = (postgresIsMissing ??= { reason: whyNoPostgres() });
  suite("on PostgreSQL", missing.reason === undefined ? {} : { skip: missing.reason }, () =>
    describe("postgres", openTestPostgres),
  );
}
let postgresIsMissing: { readonly reason: string | undefined } | undefined;

export async function openTestSqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-sqlite-"));
  const options = { kind: "sqlite", path: join(folder, "wharf.db") } as const;
  return testDatabase(options, () => rm(folder, { recursive: true }));
}

export async function openTestPostgres(): Promise<TestDatabase> {
  const { url, giveBack } = await lendDatabase();
  return testDatabase({ kind: "postgres", url, poolSize: 5 }, giveBack);
}

async function testDatabase(
  options: DatabaseOptions,
  remove: () => Promise<void>,
): Promise<TestDatabase> {
  const database = await openDatabase(options);
  return {
    options,
    dialect: database.dialect,
    read: database.read,
    transaction: (work) => database.transaction(work),
    version: () => database.version(),
    notify: (channel) => database.notify(channel),
    listen: (channel, listener) => database.listen(channel, listener),
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await remove();
    },
  };
}
