import assert from "node:assert/strict";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { sql } from "kysely";
import type { Kysely } from "kysely";
import { migrate } from "./migrate.ts";
import type { Migration } from "./migrations/migrations.ts";
import { migrations } from "./migrations/migrations.ts";
import { openDatabase } from "./open-database.ts";
import { everyDatabase } from "./testing/every-database.ts";
import type { TestDatabase } from "./testing/every-database.ts";

/** Versions of a database that is up to date. */
const ALL = migrations.map((_, place) => place + 1);

suite("migrating", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    test("a second time changes nothing", async () => {
      await using database = await openTestDatabase();
      await migrateTo(database, migrations);
      assert.deepEqual(await versions(database), ALL);
    });

    test("runs what is new, in order, once, though several replicas start", async () => {
      await using database = await openTestDatabase();
      const replicas = await Promise.all(
        Array.from({ length: 4 }, () => openDatabase(database.options)),
      );
      const newer = [...migrations, adding("second"), adding("third")];
      await Promise.all(replicas.map((replica) => migrateTo(replica, newer)));
      for (const replica of replicas) await replica[Symbol.asyncDispose]();
      assert.deepEqual(await versions(database), [...ALL, ALL.length + 1, ALL.length + 2]);
      const rows = await sql<{ name: string }>`select name from steps order by number`.execute(
        database.read,
      );
      assert.deepEqual(rows.rows, [{ name: "second" }, { name: "third" }]);
    });

    test("a migration that fails leaves nothing behind", async () => {
      await using database = await openTestDatabase();
      const broken = { name: "broken", up: () => Promise.reject(new Error("broken")) };
      const failed = migrateTo(database, [...migrations, adding("second"), broken]);
      await assert.rejects(failed, /broken/);
      assert.deepEqual(await versions(database), ALL);
      await migrateTo(database, [...migrations, adding("second")]);
      assert.deepEqual(await versions(database), [...ALL, ALL.length + 1]);
    });

    test("refuses a database that a newer Wharf has used", async () => {
      await using database = await openTestDatabase();
      await migrateTo(database, [...migrations, adding("second")]);
      await assert.rejects(
        openDatabase(database.options),
        new RegExp(
          `cannot open the database .*: the database has version ${ALL.length + 1}, this Wharf knows ${ALL.length}: .* newer Wharf`,
        ),
      );
    });
  });

  test("several processes open a new SQLite database at once", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-migrate-"));
    const path = join(folder.path, "deep", "wharf.db");
    const opened = await Promise.all(
      Array.from({ length: 4 }, () => openDatabase({ kind: "sqlite", path })),
    );
    for (const database of opened) await database[Symbol.asyncDispose]();
    assert.equal((await readFile(path)).subarray(0, 15).toString(), "SQLite format 3");
  });
});

type Opened = Pick<TestDatabase, "transaction" | "read">;

async function migrateTo(database: Opened, wanted: readonly Migration[]): Promise<void> {
  await migrate((work) => database.transaction((trx) => work(trx.$pickTables<never>())), wanted);
}

function adding(name: string): Migration {
  return {
    name,
    up: async (db: Kysely<unknown>) => {
      await sql`create table if not exists steps (number integer, name text)`.execute(db);
      await sql`insert into steps select count(*), ${sql.lit(name)} from steps`.execute(db);
    },
  };
}

async function versions({ read }: Opened): Promise<number[]> {
  const { rows } = await sql<{ version: number }>`
    select version from migrations order by version`.execute(read);
  return rows.map(({ version }) => version);
}
