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
      await trx
        .insertInto("accounts")
        .values({
          id: 1,
          kind: "user",
          name: "alice",
          namespace_id: null,
          email: null,
          password_hash: null,
          enabled: 1,
          superuser: 0,
          description: "",
          tag_expiration: null,
          created_at: now,
        })
        .execute();
      const session = {
        account_id: 1,
        created_at: now,
        seen_at: now,
        fresh_at: now,
        service: null,
        address: null,
        user_agent: null,
      };
      await trx
        .insertInto("sessions")
        .values([
          { id_hash: "old", uuid: "1", ...session, expires_at: now },
          { id_hash: "young", uuid: "2", ...session, expires_at: now + 100 * DAY },
        ])
        .execute();
      const code = { kind: "recover", account_id: 1, email: null, created_at: now } as const;
      await trx
        .insertInto("mail_codes")
        .values([
          { code_hash: "old", ...code, expires_at: now },
          { code_hash: "young", ...code, expires_at: now + 100 * DAY },
        ])
        .execute();
      const notice = { account_id: 1, kind: "test", metadata: "{}", about: null, created_at: now };
      await trx
        .insertInto("notifications")
        .values([
          { uuid: "1", ...notice, dismissed: 1 },
          { uuid: "2", ...notice, dismissed: 0 },
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
    assert.deepEqual(await taken(registry), {
      signingKeys: 1,
      sessions: 1,
      mailCodes: 1,
    });
    registry.later(30 * DAY);
    assert.deepEqual((await registry.plan()).items.length, 3);
    assert.deepEqual(await taken(registry), { credentials: 1, notifications: 1, deadJobs: 1 });
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
    assert.equal((await read.selectFrom("sessions").selectAll().execute()).length, 1);
    assert.equal((await read.selectFrom("mail_codes").selectAll().execute()).length, 1);
    assert.equal((await read.selectFrom("notifications").selectAll().execute()).length, 1);
  });
});

async function taken(registry: TestRegistry): Promise<Record<string, number>> {
  const { taken, errors } = await registry.collect();
  assert.equal(errors.count, 0);
  const counts = Object.entries(taken).map(([kind, { count }]) => [kind, count] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
