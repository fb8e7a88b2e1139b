import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { everyDatabase } from "../../database/testing/every-database.ts";
import type { Database } from "../../database/database.ts";
import { readObject } from "../../storage/read-object.ts";
import { openTestFolder } from "../../storage/testing/every-blob-store.ts";
import type { BlobStore } from "../../storage/blob-store.ts";
import type { AuditedDeed } from "../audited-deed.ts";
import { writeDeeds } from "../write-deeds.ts";
import { retire } from "./retention-job.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-22T12:00:00Z");
const SIGNAL = new AbortController().signal;

everyDatabase((_dialect, openTestDatabase) => {
  test("old entries go to the archive, young ones and totals stay", async () => {
    await using database = await openTestDatabase();
    await using store = await openTestFolder();
    await write(database, [NOW - 500 * DAY, NOW - 40 * DAY, NOW - 31 * DAY, NOW - 29 * DAY]);
    await retire(parts(database, store), SIGNAL);
    assert.deepEqual(await times(database), [NOW - 29 * DAY]);
    const keys = await archives(store);
    assert.deepEqual(keys, ["audit/archive/2025-07-10/12-00-00.000-1.ndjson.gz"]);
    const lines = await linesOf(store, keys[0]);
    assert.deepEqual(
      lines.map(({ time }) => Date.parse(String(time))),
      [NOW - 500 * DAY, NOW - 40 * DAY, NOW - 31 * DAY],
    );
    assert.deepEqual(lines[0]?.["metadata"], { number: 0 });
    assert.equal(lines[0]?.["repository_id"], 2);
    const days = await database.read.selectFrom("audit_days").select("day").distinct().execute();
    assert.equal(days.length, 3); // that of 500 days ago has gone
  });

  test("a crash between archive and deletion loses nothing, and archives nothing twice", async () => {
    await using database = await openTestDatabase();
    await using store = await openTestFolder();
    const old = Array.from({ length: 1500 }, (_, at) => NOW - 40 * DAY + at);
    await write(database, old);
    const crash = new AbortController();
    const crashing: BlobStore = Object.create(store, {
      put: {
        value: async (key: string, bytes: Uint8Array) => {
          await store.put(key, bytes);
          throw new Error("the process has died");
        },
      },
    }) as BlobStore; // the store but for one method
    await assert.rejects(retire(parts(database, crashing), crash.signal), /died/);
    assert.equal((await times(database)).length, 1500);
    await write(database, [NOW - 35 * DAY]);
    await retire(parts(database, store), SIGNAL);
    assert.deepEqual(await times(database), []);
    const keys = await archives(store);
    assert.equal(keys.length, 2);
    const found = (await Promise.all(keys.map((key) => linesOf(store, key)))).flat();
    assert.deepEqual(
      found.map(({ time }) => Date.parse(String(time))).toSorted((one, other) => one - other),
      [...old, NOW - 35 * DAY],
    );
  });

  test("without an archive they only go", async () => {
    await using database = await openTestDatabase();
    await using store = await openTestFolder();
    await write(database, [NOW - 40 * DAY]);
    await retire(parts(database, store, false), SIGNAL);
    assert.deepEqual(await times(database), []);
    assert.deepEqual(await archives(store), []);
  });
});

type Parts = Parameters<typeof retire>[0];

function parts(database: Database, store: BlobStore, archive = true): Parts {
  const audit = { pulls: "all", addresses: true, retention: 30 * DAY, archive } as const;
  return { database, store, config: { audit }, now: () => NOW };
}

async function write(database: Database, at: readonly number[]): Promise<void> {
  const deeds = at.map((time, number): AuditedDeed => ({
    at: time,
    kind: "create_tag",
    namespaceId: 1,
    namespace: "team",
    repositoryId: 2,
    repository: "team/app",
    performerId: null,
    performer: "alice",
    performerKind: "user",
    via: null,
    address: null,
    userAgent: null,
    metadata: { number },
  }));
  await database.transaction((trx) => writeDeeds(trx, { addresses: true }, deeds));
}

async function times({ read }: Database): Promise<number[]> {
  const rows = await read.selectFrom("audit_log").select("at").orderBy("at").execute();
  return rows.map(({ at }) => at);
}

async function archives(store: BlobStore): Promise<string[]> {
  return (await Array.fromAsync(store.list(""), ({ key }) => key)).toSorted();
}

async function linesOf(store: BlobStore, key = ""): Promise<Record<string, unknown>[]> {
  const text = gunzipSync(await readObject(store, key)).toString();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>); // archiveLine wrote objects
}
