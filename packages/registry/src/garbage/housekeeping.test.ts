import assert from "node:assert/strict";
import { test } from "node:test";

import { everyDatabase } from "../database/testing/every-database.ts";
import { openTestFolder } from "../storage/testing/every-blob-store.ts";
import { findReports } from "./report-store.ts";
import { DAY, TestRegistry } from "./testing/test-registry.ts";

everyDatabase((_dialect, openTestDatabase) => {
  test("rows that have served their purpose go, each in its time", async () => {
    await using database = await openTestDatabase();
    await using store = await openTestFolder();
    const registry = new TestRegistry(database, store);
    const { now } = registry;
    await database.transaction(async (trx) => {
      const key = { private_jwk: "", public_jwk: "", created_at: now, signs_until: now };
      await trx
        .insertInto("signing_keys")
        .values([
          { kid: "old", ...key, expires_at: now },
          { kid: "young", ...key, expires_at: now + 100 * DAY },
        ])
        .execute();
      const secret = {
        kind: "robot",
        account_id: null,
        repository_id: null,
        role: null,
        title: "",
        created_at: now,
        last_used_at: null,
      } as const;
      await trx
        .insertInto("credentials")
        .values([
          { ...secret, secret_hash: "old", uuid: "1", expires_at: now },
          { ...secret, secret_hash: "for ever", uuid: "2", expires_at: null },
        ])
        .execute();
      const job = { kind: "test", payload: "", run_at: now, attempts: 1, created_at: now } as const;
      await trx
        .insertInto("jobs")
        .values([
          { ...job, key: "dead", state: "dead" },
          { ...job, key: "ready", state: "ready" },
        ])
        .execute();
    });
    registry.later(DAY + 1);
    assert.deepEqual(await taken(registry), { signingKeys: 1 });
    registry.later(30 * DAY);
    assert.deepEqual((await registry.plan()).items.length, 2);
    assert.deepEqual(await taken(registry), { credentials: 1, deadJobs: 1 });
    registry.later(60 * DAY + 1);
    assert.deepEqual(await taken(registry), { reports: 1 });
    const reports = await findReports(database.read, 10);
    assert.deepEqual(
      reports.map((report) => report.startedAt - now),
      [91 * DAY + 2, 31 * DAY + 1],
    );
    const { read } = database;
    assert.equal((await read.selectFrom("signing_keys").selectAll().execute()).length, 1);
    assert.equal((await read.selectFrom("credentials").selectAll().execute()).length, 1);
    assert.equal((await read.selectFrom("jobs").selectAll().execute()).length, 1);
  });
});

async function taken(registry: TestRegistry): Promise<Record<string, number>> {
  const { taken, errors } = await registry.collect();
  assert.equal(errors.count, 0);
  const counts = Object.entries(taken).map(([kind, { count }]) => [kind, count] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
