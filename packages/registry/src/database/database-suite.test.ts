// Long because it is one thing: what both databases must do alike.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { sql } from "kysely";
import type { Transaction } from "kysely";
import type { Database } from "./database.ts";
import { openDatabase } from "./open-database.ts";
import { numbered, preparedByCount, preparedQuery } from "./prepared-query.ts";
import type { Parameter } from "./prepared-query.ts";
import type { Tables } from "./tables.ts";
import { everyDatabase } from "./testing/every-database.ts";
import {
  addBlob,
  addManifest,
  addNamespace,
  addRepository,
  addTag,
} from "./testing/example-rows.ts";
import { isUniqueViolation } from "./unique-violation.ts";
import { wakeAfterCommit } from "./wake-ups.ts";

everyDatabase((dialect, openTestDatabase) => {
  test("a transaction is seen by everybody when its promise resolves", async () => {
    await using database = await openTestDatabase();
    await using replica = await openDatabase(database.options);
    const result = await database.transaction(async (trx) => {
      await set(trx, "key", "value");
      return 7;
    });
    assert.equal(result, 7);
    assert.deepEqual(await all(database), [{ key: "key", value: "value" }]);
    assert.deepEqual(await all(replica), [{ key: "key", value: "value" }]);
  });

  test("an error undoes the transaction and is thrown on", async () => {
    await using database = await openTestDatabase();
    const error = new Error("no");
    const failed = database.transaction(async (trx) => {
      await set(trx, "key", "value");
      throw error;
    });
    await assert.rejects(failed, error);
    assert.deepEqual(await all(database), []);
  });

  test("of transactions that run at the same time a failed one is undone alone", async () => {
    await using database = await openTestDatabase();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, number) =>
        database.transaction(async (trx) => {
          await set(trx, String(number).padStart(2, "0"), "");
          if (number % 3 === 0) throw new Error("no");
        }),
      ),
    );
    const kept = (await all(database)).map(({ key }) => Number(key));
    const expected = [1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19];
    assert.deepEqual(kept, expected);
    const resolved = outcomes.flatMap(({ status }, number) =>
      status === "fulfilled" ? [number] : [],
    );
    assert.deepEqual(resolved, expected);
  });

  test("a statement that fails can be caught outside, and the next transaction works", async () => {
    await using database = await openTestDatabase();
    await database.transaction((trx) => set(trx, "key", "one"));
    const failed = database.transaction((trx) =>
      trx.insertInto("settings").values({ key: "key", value: "two" }).execute(),
    );
    await assert.rejects(failed, (error) => isUniqueViolation(error));
    await database.transaction((trx) => set(trx, "key", "three"));
    assert.deepEqual(await all(database), [{ key: "key", value: "three" }]);
  });

  test("a transaction or a read inside a transaction is refused", async () => {
    await using database = await openTestDatabase();
    const nested = database.transaction(() => database.transaction(async () => {}));
    await assert.rejects(nested, /transaction\(\) inside a transaction/);
    const read = database.transaction(() => all(database));
    await assert.rejects(read, /Database\.read inside a transaction/);
    // What is left running by a transaction is none of it.
    let later: Promise<unknown> = Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    await database.transaction(async () => {
      later = promise.then(() => all(database));
    });
    resolve();
    assert.deepEqual(await later, []);
  });

  test("two replicas count in one row and lose nothing", async () => {
    await using database = await openTestDatabase();
    await using replica = await openDatabase(database.options);
    await database.transaction((trx) => set(trx, "count", "0"));
    const count = (on: Database) =>
      on.transaction(async (trx) => {
        const { value } = await trx
          .selectFrom("settings")
          .select("value")
          .where("key", "=", "count")
          .$if(dialect === "postgres", (query) => query.forUpdate())
          .executeTakeFirstOrThrow();
        await set(trx, "count", String(Number(value) + 1));
      });
    await Promise.all(
      [database, replica].flatMap((on) => Array.from({ length: 25 }, () => count(on))),
    );
    assert.deepEqual(await all(database), [{ key: "count", value: "50" }]);
  });

  test("the version changes with every commit, and only then", async () => {
    await using database = await openTestDatabase();
    await using replica = await openDatabase(database.options);
    const before = database.version();
    await all(database);
    assert.equal(database.version(), before);
    await database.transaction((trx) => set(trx, "key", "1"));
    const own = database.version();
    await replica.transaction((trx) => set(trx, "key", "2"));
    const other = database.version();
    if (dialect === "postgres") assert.equal(other, undefined);
    else assert.equal(new Set([before, own, other]).size, 3);
  });

  test("a version that a request has seen holds until the loop looks at the network again", async () => {
    await using database = await openTestDatabase();
    await using replica = await openDatabase(database.options);
    replica.requestArrived?.();
    const before = replica.version();
    await database.transaction((trx) => set(trx, "key", "1"));
    const after = replica.version();
    if (dialect === "postgres") assert.equal(after, undefined);
    else assert.notEqual(after, before);
  });

  test("a notification wakes the listeners of its channel", async () => {
    await using database = await openTestDatabase();
    await using replica = await openDatabase(database.options);
    const woken = new Wakings();
    const listening = dialect === "postgres" ? replica : database;
    const unlisten = listening.listen("ours", woken.add);
    if (dialect === "postgres") await woken.atLeast(1); // once it listens
    const before = woken.count;
    database.notify("theirs");
    database.notify("ours");
    await woken.atLeast(before + 1);
    assert.equal(woken.count, before + 1);
    unlisten();
    const after = woken.count;
    const again = new Wakings();
    listening.listen("ours", again.add);
    database.notify("ours");
    await again.atLeast(1);
    assert.equal(woken.count, after);
  });

  test("a transaction wakes after its commit, or not at all", async () => {
    await using database = await openTestDatabase();
    const woken = new Wakings();
    database.listen("ours", woken.add);
    if (dialect === "postgres") await woken.atLeast(1);
    const before = woken.count;
    const undone = database.transaction(async (trx) => {
      wakeAfterCommit(trx, "ours");
      throw new Error("no");
    });
    await assert.rejects(undone);
    let committed = false;
    const seen = woken.atLeast(before + 1).then(() => committed);
    await database.transaction(async (trx) => {
      wakeAfterCommit(trx, "ours");
      committed = true;
    });
    assert.equal(await seen, true);
    assert.equal(woken.count, before + 1);
  });

  test("names are ordered byte by byte", async () => {
    await using database = await openTestDatabase();
    const names = ["b", "B", "a", "A", "_a", "a-b", "a.b", "a_b", "ab", "0", "Z9", "z10", "z9"];
    await database.transaction(async (trx) => {
      const namespace = await addNamespace(trx, "team");
      const repository = await addRepository(trx, namespace, "team/app");
      await addManifest(trx, repository, "digest");
      for (const name of names) {
        await addTag(trx, repository, name, "digest");
        await addRepository(trx, namespace, name);
      }
    });
    const expected = names.toSorted((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    const tags = await database.read.selectFrom("tags").select("name").orderBy("name").execute();
    assert.deepEqual(
      tags.map(({ name }) => name),
      expected,
    );
    const after = await database.read
      .selectFrom("repositories")
      .select("name")
      .where("name", ">", "Z9")
      .where("name", "<>", "team/app")
      .orderBy("name")
      .execute();
    assert.deepEqual(
      after.map(({ name }) => name),
      expected.slice(expected.indexOf("Z9") + 1),
    );
  });

  test("bytes and large integers come back as they were", async () => {
    await using database = await openTestDatabase();
    const content = Uint8Array.from({ length: 70_000 }, (_, place) => place % 256);
    await database.transaction(async (trx) => {
      const repository = await addRepository(trx, await addNamespace(trx, "team"), "team/app");
      await addManifest(trx, repository, "full", content);
      await addManifest(trx, repository, "empty", new Uint8Array(0));
      await addBlob(trx, repository, "blob");
      await trx.updateTable("blobs").set({ size: Number.MAX_SAFE_INTEGER }).execute();
    });
    const manifests = await database.read
      .selectFrom("manifests")
      .select(["content", "subject_digest"])
      .orderBy("size")
      .execute();
    assert.deepEqual(manifests, [
      { content: new Uint8Array(0), subject_digest: null },
      { content, subject_digest: null },
    ]);
    const blob = await database.read
      .selectFrom("blobs")
      .select(({ fn }) => [
        "size",
        fn.countAll<number>().as("count"),
        fn.sum<number>("created_at").as("sum"),
      ])
      .where("size", "=", Number.MAX_SAFE_INTEGER)
      .groupBy("size")
      .executeTakeFirst();
    assert.deepEqual(blob, { size: Number.MAX_SAFE_INTEGER, count: 1, sum: 1 });
  });

  test("an integer that a number cannot hold is an error, not another number", async () => {
    await using database = await openTestDatabase();
    const read = sql`select 9007199254740993 as large`.execute(database.read);
    await assert.rejects(read, RangeError);
  });

  test("with a namespace goes everything that belongs to it, and nothing else", async () => {
    await using database = await openTestDatabase();
    await database.transaction(async (trx) => {
      for (const team of ["gone", "stays"]) await fillNamespace(trx, team);
    });
    await database.transaction((trx) =>
      trx.deleteFrom("accounts").where("name", "=", "gone").execute(),
    );
    const counts: Record<string, number> = {};
    for (const table of FILLED) {
      const { count } = await database.read
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      counts[table] = count;
    }
    assert.deepEqual(counts, {
      accounts: 2,
      credentials: 2,
      teams: 1,
      team_members: 1,
      repositories: 1,
      repository_permissions: 1,
      repository_team_permissions: 1,
      repository_blobs: 1,
      uploads: 1,
      manifests: 1,
      manifest_blobs: 1,
      manifest_children: 1,
      tags: 1,
    });
  });

  test("what is referred to cannot be deleted", async () => {
    await using database = await openTestDatabase();
    await database.transaction((trx) => fillNamespace(trx, "team"));
    await assert.rejects(
      database.transaction((trx) => trx.deleteFrom("manifests").execute()),
      /foreign key/i,
    );
    await assert.rejects(
      database.transaction((trx) => trx.deleteFrom("blobs").execute()),
      /foreign key/i,
    );
  });

  test("names, open tags and waiting jobs are unique", async () => {
    await using database = await openTestDatabase();
    await database.transaction((trx) => fillNamespace(trx, "team"));
    const { id } = await database.read
      .selectFrom("repositories")
      .select("id")
      .executeTakeFirstOrThrow();
    const twice = async (work: (trx: Transaction<Tables>) => Promise<unknown>) =>
      assert.rejects(database.transaction(work), (error) => isUniqueViolation(error));

    await twice((trx) => addNamespace(trx, "team"));
    await twice((trx) => addRepository(trx, 1, "team/app"));
    await twice((trx) => addTag(trx, id, "latest", "team digest"));
    await database.transaction(async (trx) => {
      await trx.updateTable("tags").set({ ended_at: 2 }).execute();
      await addTag(trx, id, "latest", "team digest");
    });

    const job = { kind: "kind", key: "key", payload: "", run_at: 1, attempts: 0, created_at: 1 };
    const addJob = (trx: Transaction<Tables>, state: "ready" | "running") =>
      trx
        .insertInto("jobs")
        .values({ ...job, state })
        .execute();
    await database.transaction((trx) => addJob(trx, "running"));
    await database.transaction((trx) => addJob(trx, "running"));
    await database.transaction((trx) => addJob(trx, "ready"));
    await twice((trx) => addJob(trx, "ready"));
  });

  test("numbers of deleted rows do not come again", async () => {
    await using database = await openTestDatabase();
    const first = await database.transaction((trx) => addNamespace(trx, "team"));
    await database.transaction((trx) => trx.deleteFrom("accounts").execute());
    const second = await database.transaction((trx) => addNamespace(trx, "team"));
    assert.notEqual(second, first);
  });

  test("a prepared query runs with new values each time", async () => {
    await using database = await openTestDatabase();
    const insert = preparedQuery((db, parameter: Parameter<{ key: string; value: string }>) =>
      db
        .insertInto("settings")
        .values({ key: parameter("key"), value: parameter("value") })
        .onConflict((conflict) =>
          conflict.column("key").doUpdateSet({ value: parameter("value") }),
        ),
    );
    const find = preparedQuery((db, parameter: Parameter<{ key: string; limit: number }>) =>
      db
        .selectFrom("settings")
        .select("value")
        .where("key", ">=", parameter("key"))
        .where("value", "<>", "x")
        .orderBy("key")
        .limit(parameter("limit")),
    );
    await database.transaction(async (trx) => {
      assert.equal(await insert.run(trx, { key: "a", value: "1" }), 1);
      assert.equal(await insert.run(trx, { key: "b", value: "2" }), 1);
      assert.equal(await insert.run(trx, { key: "b", value: "3" }), 1);
      assert.deepEqual(await find.first(trx, { key: "b", limit: 1 }), { value: "3" });
    });
    const values = await find.all(database.read, { key: "a", limit: 9 });
    assert.deepEqual(values, [{ value: "1" }, { value: "3" }]);
    assert.equal(await find.first(database.read, { key: "c", limit: 9 }), undefined);
  });

  test("a prepared query takes lists of any length", async () => {
    await using database = await openTestDatabase();
    const find = preparedByCount((count) =>
      preparedQuery((db, parameter: Parameter<Record<string, string>>) =>
        db
          .selectFrom("settings")
          .select("value")
          .where(
            "key",
            "in",
            Array.from({ length: count }, (_, place) => parameter(String(place))),
          )
          .orderBy("key"),
      ),
    );
    await database.transaction(async (trx) => {
      for (const key of ["a", "b", "c"]) await set(trx, key, `value of ${key}`);
    });
    for (const keys of [["a"], ["b", "c"], ["c", "x"], Array.from({ length: 100 }, () => "b")]) {
      const rows = await find(keys.length).all(database.read, numbered(keys));
      const expected = ["a", "b", "c"].filter((key) => keys.includes(key));
      assert.deepEqual(
        rows.map(({ value }) => value),
        expected.map((key) => `value of ${key}`),
      );
    }
  });

  test("closing waits for transactions that run; later ones are refused", async () => {
    await using database = await openTestDatabase();
    const replica = await openDatabase(database.options);
    const running = replica.transaction((trx) => set(trx, "key", "value"));
    await replica[Symbol.asyncDispose]();
    await running;
    assert.deepEqual(await all(database), [{ key: "key", value: "value" }]);
    const late = replica.transaction((trx) => set(trx, "key", "late"));
    await assert.rejects(late, /closed/);
  });

  test("a process that is killed has lost nothing it told of, and left nothing half done", async () => {
    await using database = await openTestDatabase();
    const told = await killAfter(300, database.options);
    const keys = new Set((await all(database)).map(({ key }) => key));
    assert.deepEqual(
      told.filter((number) => !keys.has(`first ${number}`)),
      [],
    );
    assert.equal(keys.size % 2, 0);
    for (const key of keys) assert.ok(keys.has(key.replace("first", "second")), key);
  });
});

/** @returns what the process had told of before it was killed */
async function killAfter(lines: number, options: unknown): Promise<string[]> {
  const program = join(import.meta.dirname, "testing", "commit-loop.ts");
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const told: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    told.push(line);
    if (told.length === lines) child.kill("SIGKILL");
  }
  await exited;
  assert.equal(child.signalCode, "SIGKILL");
  return told;
}

async function set(trx: Transaction<Tables>, key: string, value: string): Promise<void> {
  await trx
    .insertInto("settings")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

async function all(database: Database): Promise<{ key: string; value: string }[]> {
  return database.read.selectFrom("settings").selectAll().orderBy("key").execute();
}

const FILLED = [
  "accounts",
  "credentials",
  "teams",
  "team_members",
  "repositories",
  "repository_permissions",
  "repository_team_permissions",
  "repository_blobs",
  "uploads",
  "manifests",
  "manifest_blobs",
  "manifest_children",
  "tags",
] as const;

/** A row in each table that belongs to a namespace. */
async function fillNamespace(trx: Transaction<Tables>, name: string): Promise<void> {
  const namespace = await addNamespace(trx, name);
  const repository = await addRepository(trx, namespace, `${name}/app`);
  const robot = await addNamespace(trx, `${name}+robot`);
  await trx
    .updateTable("accounts")
    .set({ namespace_id: namespace })
    .where("id", "=", robot)
    .execute();
  const { id: team } = await trx
    .insertInto("teams")
    .values({ organization_id: namespace, name: "owners", role: "admin", description: "" })
    .returning("id")
    .executeTakeFirstOrThrow();
  await trx.insertInto("team_members").values({ team_id: team, account_id: robot }).execute();
  await trx
    .insertInto("repository_permissions")
    .values({ repository_id: repository, account_id: robot, role: "read" })
    .execute();
  await trx
    .insertInto("repository_team_permissions")
    .values({ repository_id: repository, team_id: team, role: "read" })
    .execute();
  const credential = { title: "", created_at: 1, role: null, expires_at: null, last_used_at: null };
  await trx
    .insertInto("credentials")
    .values([
      {
        ...credential,
        kind: "robot",
        account_id: robot,
        repository_id: null,
        secret_hash: `${name} 1`,
        uuid: `${name} 1`,
      },
      {
        ...credential,
        kind: "repository",
        account_id: null,
        repository_id: repository,
        secret_hash: `${name} 2`,
        uuid: `${name} 2`,
      },
    ])
    .execute();
  await trx
    .insertInto("uploads")
    .values({
      id: name,
      repository_id: repository,
      size: 1,
      state: "",
      status: "open",
      created_at: 1,
      touched_at: 1,
    })
    .execute();
  const digest = `${name} digest`;
  await addBlob(trx, repository, digest);
  await addManifest(trx, repository, digest);
  const member = { repository_id: repository, manifest_digest: digest };
  await trx
    .insertInto("manifest_blobs")
    .values({ ...member, blob_digest: digest })
    .execute();
  await trx
    .insertInto("manifest_children")
    .values({ ...member, child_digest: "absent" })
    .execute();
  await addTag(trx, repository, "latest", digest);
}

/** Counts how often a listener was called, and waits for it. */
class Wakings {
  count = 0;
  #check = () => {};

  readonly add = (): void => {
    this.count++;
    this.#check();
  };

  async atLeast(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#check = () => {
      if (this.count >= count) resolve();
    };
    this.#check();
    const alive = setInterval(() => {}, 1000); // a listener keeps no process alive
    await promise;
    clearInterval(alive);
  }
}
