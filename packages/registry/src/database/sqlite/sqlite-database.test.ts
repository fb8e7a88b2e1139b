import assert from "node:assert/strict";
import { mkdtempDisposable, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import type { Transaction } from "kysely";
import type { Database } from "../database.ts";
import type { Tables } from "../tables.ts";
import { openSqlite } from "./open-sqlite.ts";

suite("the SQLite database", () => {
  test("its files are for their owner alone", async () => {
    await using opened = await openInFolder();
    await opened.database.transaction((trx) => set(trx, "key"));
    for (const suffix of ["", "-wal", "-shm"]) {
      const { mode } = await stat(opened.path + suffix);
      assert.equal(mode & 0o777, 0o600, suffix);
    }
  });

  test("closing leaves one file that has everything", async () => {
    await using opened = await openInFolder();
    await opened.database.transaction((trx) => set(trx, "key"));
    await opened.database[Symbol.asyncDispose]();
    await assert.rejects(stat(`${opened.path}-wal`), { code: "ENOENT" });
    const raw = new DatabaseSync(opened.path, { readOnly: true });
    const count = raw.prepare("select count(*) as count from settings").get()?.["count"];
    raw.close();
    assert.equal(count, 1);
  });

  test("a file that is something else is refused and stays as it is", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-sqlite-"));
    const path = join(folder.path, "wharf.db");
    await writeFile(path, "something else ".repeat(100));
    await assert.rejects(openSqlite(path), {
      message: `cannot open the database ${path}: file is not a database`,
    });
    assert.equal((await stat(path)).size, 1500);
  });

  test("while another process writes, a transaction waits and reads go on", async () => {
    await using opened = await openInFolder();
    const { database, path } = opened;
    const other = new DatabaseSync(path);
    other.exec("begin immediate; insert into settings values ('other', '')");
    let done = false;
    const waiting = database.transaction((trx) => set(trx, "key")).finally(() => (done = true));
    for (let turn = 0; turn < 20; turn++) {
      assert.deepEqual(await keys(database), []);
      await setImmediate();
    }
    assert.equal(done, false);
    other.exec("commit");
    await waiting;
    assert.deepEqual(await keys(database), ["key", "other"]);
    other.close();
  });

  test("reads do not wait for a transaction, and do not see it", async () => {
    await using opened = await openInFolder();
    const { database } = opened;
    const { promise, resolve } = Promise.withResolvers<void>();
    const running = database.transaction(async (trx) => {
      await set(trx, "key");
      await promise;
    });
    await setImmediate();
    assert.deepEqual(await keys(database), []);
    resolve();
    await running;
    assert.deepEqual(await keys(database), ["key"]);
  });

  test("what shares the commit of a transaction that fills the disk fails with it", async () => {
    await using opened = await openInFolder();
    const { database } = opened;
    const before = database.transaction((trx) => set(trx, "before"));
    const full = database.transaction(async (trx) => {
      await sql`pragma max_page_count = 1`.execute(trx);
      for (let number = 0; ; number++) await set(trx, String(number).repeat(5_000));
    });
    // A work that goes on after that must not commit statement by statement.
    const stubborn = database.transaction(async (trx) => {
      await sql`pragma max_page_count = 1`.execute(trx);
      try {
        for (let number = 0; ; number++) await set(trx, String(number).repeat(5_000));
      } catch {
        await sql`pragma max_page_count = 1000000`.execute(trx);
        await set(trx, "stubborn");
      }
    });
    const outcomes = await Promise.allSettled([before, full, stubborn]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === "rejected" && String(outcome.reason)),
      [
        "Error: the database has undone a transaction that shared its commit",
        "Error: database or disk is full",
        "Error: the transaction has been undone",
      ],
    );
    assert.deepEqual(await keys(database), []);
  });

  test("an error undoes only its own part of a shared commit", async () => {
    await using opened = await openInFolder();
    const { database } = opened;
    const outcomes = await Promise.allSettled([
      database.transaction((trx) => set(trx, "first")),
      database.transaction(async (trx) => {
        await set(trx, "second");
        await set(trx, "first");
        await trx.updateTable("settings").set({ value: "changed" }).execute();
        throw new Error("no");
      }),
      database.transaction(async (trx) => {
        const rows = await trx.selectFrom("settings").selectAll().execute();
        assert.deepEqual(rows, [{ key: "first", value: "" }]);
        await set(trx, "third");
      }),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(await keys(database), ["first", "third"]);
  });
});

async function openInFolder() {
  const folder = await mkdtempDisposable(join(tmpdir(), "wharf-sqlite-"));
  const path = join(folder.path, "wharf.db");
  const database = await openSqlite(path);
  return {
    path,
    database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

async function set(trx: Transaction<Tables>, key: string): Promise<void> {
  await trx
    .insertInto("settings")
    .values({ key, value: "" })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function keys(database: Database): Promise<string[]> {
  const rows = await database.read.selectFrom("settings").select("key").orderBy("key").execute();
  return rows.map(({ key }) => key);
}
