import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { openDatabase } from "../open-database.ts";
import { everyDatabase } from "../testing/every-database.ts";

everyDatabase((dialect, openTestDatabase) => {
  if (dialect !== "postgres") return;

  test("of two transactions that block each other one runs again", async () => {
    await using database = await openTestDatabase();
    await database.transaction((trx) =>
      trx
        .insertInto("settings")
        .values([
          { key: "a", value: "" },
          { key: "b", value: "" },
        ])
        .execute(),
    );
    let runs = 0;
    const bothHaveOne = Promise.withResolvers<void>();
    const change = (keys: readonly string[]) =>
      database.transaction(async (trx) => {
        runs++;
        for (const key of keys) {
          const value = sql<string>`value || ${keys[0]}`;
          await trx.updateTable("settings").set({ value }).where("key", "=", key).execute();
          if (runs === 2) bothHaveOne.resolve();
          await bothHaveOne.promise;
        }
      });
    await Promise.all([change(["a", "b"]), change(["b", "a"])]);
    assert.equal(runs, 3);
    const rows = await database.read.selectFrom("settings").select("value").execute();
    for (const { value } of rows) assert.deepEqual([...value].toSorted(), ["a", "b"]);
  });

  test("after its connection was cut a listener is connected anew, and woken", async () => {
    await using database = await openTestDatabase();
    for (let round = 0; round < 2; round++) {
      await woken(database, async () => {
        await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and query like 'listen %'`.execute(database.read);
      });
    }
  });

  test("a transaction whose connection is cut runs again", async () => {
    await using database = await openTestDatabase();
    await using other = await openDatabase(database.options);
    const cut = () =>
      sql`
        select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.execute(other.read);
    // While it waits in the pool.
    await cut();
    await database.transaction((trx) =>
      trx.insertInto("settings").values({ key: "one", value: "" }).execute(),
    );
    // While it runs.
    let runs = 0;
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const again = database.transaction(async (trx) => {
      runs++;
      await trx.insertInto("settings").values({ key: "two", value: "" }).execute();
      begun.resolve();
      await ended.promise;
      await trx.insertInto("settings").values({ key: "three", value: "" }).execute();
    });
    await begun.promise;
    await cut();
    ended.resolve();
    await again;
    assert.equal(runs, 2);
    const rows = await other.read.selectFrom("settings").select("key").orderBy("key").execute();
    assert.deepEqual(
      rows.map(({ key }) => key),
      ["one", "three", "two"],
    );
  });

  test("an error of opening names the place, not the password", async () => {
    const url = "postgres://wharf:secret@127.0.0.1:1/registry?sslmode=disable";
    await assert.rejects(openDatabase({ kind: "postgres", url }), ({ message }: Error) => {
      assert.match(message, /^cannot open the database 127\.0\.0\.1:1\/registry: .*ECONNREFUSED/);
      assert.doesNotMatch(message, /secret/);
      return true;
    });
  });
});

/** Listens, runs `cut` once it is connected, and waits until it is woken by the connection after that. */
async function woken(database: Database, cut: () => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let times = 0;
  const unlisten = database.listen("channel", () => {
    times++;
    if (times === 1) cut().catch(reject);
    if (times === 2) resolve();
  });
  database.notify("channel"); // in the second round it is connected already
  const alive = setInterval(() => {}, 1000); // a listener keeps no process alive
  await promise;
  clearInterval(alive);
  unlisten();
}
