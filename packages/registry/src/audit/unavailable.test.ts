import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../database/open-database.ts";
import { smallImage } from "../testing/test-image.ts";
import { everyRegistry, until } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";

everyRegistry((start, dialect) => {
  test("with broken tables, pushes, pulls and the jobs behind them go on, and the log catches up", async () => {
    await using registry = await start();
    await rename(registry, "audit_log", "elsewhere");
    await pushAndPull(registry);
    // Everything else that hears of events has heard; what the log has missed waits in jobs.
    await until(async () => {
      const jobs = await registry.database.read.selectFrom("jobs").select("kind").execute();
      const events = await registry.database.read.selectFrom("events").select("id").execute();
      const waits = jobs.filter(({ kind }) => kind === "audit.write").length;
      return events.length === 0 && waits > 0;
    });
    await rename(registry, "elsewhere", "audit_log");
    await registry.restart();
    await until(async () => (await kinds(registry)).includes("pull_repo"));
    await until(async () => (await kinds(registry)).includes("push_repo"));
  });

  // SQLite locks no tables: there a transaction that writes is alone anyway.
  if (dialect === "sqlite") return;
  test("with locked tables, pushes and pulls go on", async () => {
    await using registry = await start();
    await using replica = await openDatabase(registry.config.database);
    const { promise, resolve } = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holder = replica.transaction(async (trx) => {
      await sql`lock table audit_log, audit_days in access exclusive mode`.execute(trx);
      locked.resolve();
      await promise;
    });
    await locked.promise;
    await pushAndPull(registry);
    await until(async () => {
      const jobs = await registry.database.read.selectFrom("jobs").select("kind").execute();
      return jobs.some(({ kind }) => kind === "audit.write");
    });
    resolve();
    await holder;
    await until(async () => (await kinds(registry)).includes("push_repo"));
  });
});

async function pushAndPull(registry: TestRegistry): Promise<void> {
  await registry.pushImage("team/app", "v1", smallImage());
  const { status } = await registry.admin.get("/v2/team/app/manifests/v1");
  assert.equal(status, 200);
}

async function rename({ database }: TestRegistry, from: string, to: string): Promise<void> {
  await database.transaction((trx) =>
    sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(trx),
  );
}

async function kinds({ database }: TestRegistry): Promise<string[]> {
  const rows = await database.read.selectFrom("audit_log").select("kind").execute();
  return rows.map(({ kind }) => kind);
}
