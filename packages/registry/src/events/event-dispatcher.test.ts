import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../database/open-database.ts";
import { everyDatabase } from "../database/testing/every-database.ts";
import { dispatchEvents, EventDispatcher } from "./event-dispatcher.ts";
import { on } from "./event-listener.ts";
import type { EventWriter } from "./event-writer.ts";
import { recordEvent } from "./record-event.ts";

const listeners = [
  on("manifest.pushed", ({ digest, tags }) => ({ kind: "index", key: digest, payload: tags })),
  on("manifest.pushed", ({ tags: [tag], repositoryId }) =>
    tag === undefined ? undefined : { kind: "tell", key: tag, payload: { repositoryId } },
  ),
  on("manifest.deleted", ({ digest }) => ({ kind: "forget", key: digest, payload: null })),
];

everyDatabase((dialect, openTestDatabase) => {
  test("an event becomes the jobs that listeners ask for, and goes", async () => {
    await using database = await openTestDatabase();
    await push(database, "one", "latest");
    await push(database, "two");
    assert.equal(await dispatchEvents(database, listeners, fail), 2);
    assert.deepEqual(await jobs(database), [
      { kind: "index", key: "one", payload: '["latest"]' },
      { kind: "index", key: "two", payload: "[]" },
      { kind: "tell", key: "latest", payload: '{"repositoryId":1}' },
    ]);
    assert.equal(await dispatchEvents(database, listeners, fail), 0);
    assert.equal(await countEvents(database), 0);
  });

  test("an event of a change that was undone is never heard of", async () => {
    await using database = await openTestDatabase();
    const undone = database.transaction(async (trx) => {
      await recordEvent(trx, "manifest.deleted", { ...REPOSITORY, digest: "one", tags: [] });
      throw new Error("no");
    });
    await assert.rejects(undone);
    assert.equal(await dispatchEvents(database, listeners, fail), 0);
    assert.deepEqual(await jobs(database), []);
  });

  test("events for nobody go, and a listener that throws keeps no other waiting", async () => {
    await using database = await openTestDatabase();
    await database.transaction((trx) => recordEvent(trx, "repository.created", REPOSITORY));
    await push(database, "one");
    const errors: unknown[] = [];
    const broken = on("manifest.pushed", () => {
      throw new Error("broken");
    });
    await dispatchEvents(database, [broken, ...listeners], (error) => errors.push(error));
    assert.deepEqual(errors.map(String), ["Error: broken"]);
    assert.equal((await jobs(database)).length, 1);
    assert.equal(await countEvents(database), 0);
  });

  test("a writer writes rows of its own once, and what it cannot write is left to a job", async () => {
    await using database = await openTestDatabase();
    await push(database, "one", "latest");
    await push(database, "broken");
    await database.transaction((trx) => recordEvent(trx, "repository.created", REPOSITORY));
    await dispatchEvents(database, listeners, fail, [writer()]);
    assert.deepEqual(await settings(database), ["broken", "one"]);
    assert.equal((await jobs(database)).length, 3);

    await push(database, "two");
    const errors: unknown[] = [];
    const tell = (error: unknown): void => void errors.push(error);
    await dispatchEvents(database, listeners, tell, [writer({ fails: true })]);
    assert.deepEqual(await settings(database), ["broken", "one"]);
    assert.equal(await countEvents(database), 0);
    const later = (await jobs(database)).filter(({ kind }) => kind !== "tell");
    assert.deepEqual(later, [
      { kind: "index", key: "broken", payload: "[]" },
      { kind: "index", key: "one", payload: '["latest"]' },
      { kind: "index", key: "two", payload: "[]" },
      { kind: "write", key: "later", payload: '["two"]' },
    ]);
    assert.equal(errors.length, 1);
  });

  test("several dispatchers make each job once", async () => {
    await using database = await openTestDatabase();
    await using replica = await openDatabase(database.options);
    for (let number = 0; number < 250; number++) await record(database, number);
    const taken = await Promise.all(
      [database, replica, database, replica].map(async (on) => {
        let sum = 0;
        for (let count = -1; count !== 0; sum += count)
          count = await dispatchEvents(on, listeners, fail);
        return sum;
      }),
    );
    assert.equal(
      taken.reduce((sum, count) => sum + count),
      250,
    );
    assert.equal((await jobs(database)).length, 250);
  });

  test("a dispatcher wakes when an event is written, by any replica", async () => {
    await using database = await openTestDatabase();
    await using replica = await openDatabase(database.options);
    const writer = dialect === "postgres" ? replica : database;
    await using dispatcher = new EventDispatcher({ database, listeners, pollTime: 3_600_000 });
    dispatcher.start();
    for (const digest of ["one", "two"]) {
      const added = newJobs(database);
      await push(writer, digest);
      await added;
    }
    assert.equal(await countEvents(database), 0);
  });
});

/** Writes digests into settings. */
function writer({ fails = false } = {}): EventWriter {
  return {
    events: new Set(["manifest.pushed"]),
    rowsOf: (_kind, payload) => [(payload as { digest: string }).digest], // push made it
    async write(trx, rows) {
      for (const key of rows as string[]) {
        await trx.insertInto("settings").values({ key, value: "" }).execute();
      }
      if (fails) await sql`select nothing from nowhere`.execute(trx);
    },
    later: (rows) => ({ kind: "write", key: "later", payload: rows }),
  };
}

async function settings({ read }: Database): Promise<string[]> {
  const rows = await read.selectFrom("settings").select("key").orderBy("key").execute();
  return rows.map(({ key }) => key);
}

const REPOSITORY = { repositoryId: 1, repository: "team/app" };

function fail(error: unknown): void {
  throw error;
}

async function push(database: Database, digest: string, ...tags: string[]): Promise<void> {
  const payload = { ...REPOSITORY, digest, tags };
  await database.transaction((trx) => recordEvent(trx, "manifest.pushed", payload));
}

async function record(database: Database, number: number): Promise<void> {
  const payload = { ...REPOSITORY, digest: String(number), tags: [] };
  await database.transaction((trx) => recordEvent(trx, "manifest.deleted", payload));
}

async function jobs(database: Database) {
  return database.read
    .selectFrom("jobs")
    .select(["kind", "key", "payload"])
    .orderBy("kind")
    .orderBy("key")
    .execute();
}

/** Resolves when there are more jobs than now; adding one wakes the channel of the runners. */
async function newJobs(database: Database): Promise<void> {
  const { length } = await jobs(database);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = async () => {
    if ((await jobs(database)).length > length) resolve();
  };
  const unlisten = database.listen("jobs", () => void look().catch(reject));
  await promise.finally(unlisten);
}

async function countEvents({ read }: Database): Promise<number> {
  const { count } = await read
    .selectFrom("events")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}
