import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { everyDatabase } from "../database/testing/every-database.ts";
import type { Database } from "../database/database.ts";
import type { AuditedDeed } from "./audited-deed.ts";
import { Gatherer } from "./gatherer.ts";

const DEED: AuditedDeed = {
  at: 86_400_000,
  kind: "pull_repo",
  namespaceId: 1,
  namespace: "team",
  repositoryId: 2,
  repository: "team/app",
  performerId: null,
  performer: null,
  performerKind: "anonymous",
  via: null,
  address: null,
  userAgent: null,
  metadata: { tag: "v1" },
};

everyDatabase((_dialect, openTestDatabase) => {
  test("equal entries become one with their number", async () => {
    await using database = await openTestDatabase();
    const told = new Told();
    await using gatherer = newGatherer(database, told);
    for (let time = 0; time < 5; time++) gatherer.add("a", () => DEED);
    gatherer.add("b", () => ({ ...DEED, metadata: { tag: "v2" } }));
    await gatherer.flush();
    assert.deepEqual(await metadata(database), ['{"tag":"v1","pulls":5}', '{"tag":"v2"}']);
    const [count] = await database.read
      .selectFrom("audit_days")
      .select("entries")
      .where("repository_id", "=", 2)
      .execute();
    assert.equal(count?.entries, 6);
    assert.deepEqual(told.messages, []);
  });

  test("what the database refuses waits for the next turn, and is written at the end", async () => {
    await using database = await openTestDatabase();
    const told = new Told();
    const gatherer = newGatherer(database, told);
    await database.transaction((trx) =>
      sql`alter table audit_log rename to elsewhere`.execute(trx),
    );
    gatherer.add("a", () => DEED);
    await gatherer.flush();
    gatherer.add("b", () => DEED);
    await gatherer.flush();
    assert.deepEqual(told.messages, ["entries of the audit log wait"]);
    await database.transaction((trx) =>
      sql`alter table elsewhere rename to audit_log`.execute(trx),
    );
    await gatherer[Symbol.asyncDispose]();
    assert.equal((await metadata(database)).length, 2);
    assert.equal(told.dropped, 0);
  });

  test("what can never be written is given up some time, and what came later is written", async () => {
    await using database = await openTestDatabase();
    const told = new Told();
    await using gatherer = newGatherer(database, told);
    gatherer.add("a", () => ({ ...DEED, at: 0.5 })); // no whole number
    await gatherer.flush();
    gatherer.add("b", () => DEED);
    for (let turn = 0; turn < 40; turn++) await gatherer.flush();
    assert.equal(told.dropped, 1);
    assert.deepEqual(await metadata(database), ['{"tag":"v1"}']);
  });

  test("what is too much is dropped, counted, and told of once", async () => {
    await using database = await openTestDatabase();
    const told = new Told();
    await using gatherer = newGatherer(database, told);
    for (let number = 0; number < 10_100; number++) gatherer.add(String(number), () => DEED);
    gatherer.add("0", () => DEED); // waits already
    assert.equal(told.dropped, 100);
    assert.equal(told.messages.length, 1);
    await gatherer.flush();
    const rows = await metadata(database);
    assert.equal(rows.length, 10_000);
    assert.equal(rows[0], '{"tag":"v1","pulls":2}');
  });
});

class Told {
  readonly messages: string[] = [];
  dropped = 0;
}

function newGatherer(database: Database, told: Told): Gatherer {
  return new Gatherer({
    database,
    config: { addresses: true },
    log: { warn: (message) => void told.messages.push(message) },
    metrics: {
      auditDropped(count) {
        told.dropped += count;
      },
    },
  });
}

async function metadata({ read }: Database): Promise<string[]> {
  const rows = await read.selectFrom("audit_log").select("metadata").orderBy("id").execute();
  return rows.map((row) => row.metadata);
}
