import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "../database/database.ts";
import { addNamespace, addRepository } from "../database/testing/example-rows.ts";
import { everyDatabase } from "../database/testing/every-database.ts";
import { QuotaGuard } from "./quota-guard.ts";
import { insertLimit, insertQuota, findQuota } from "./quota-store.ts";
import { addBytes, putUsage } from "./usage-store.ts";

everyDatabase((_dialect, openTestDatabase) => {
  test("where there is no quota, pushes cost one query in ten seconds", async () => {
    await using database = await openTestDatabase();
    const { place } = await withNamespace(database);
    const { counted, queries } = counting(database);
    let now = 0;
    const guard = new QuotaGuard({ database: counted, config: NO_DEFAULT, now: () => now });
    for (let push = 0; push < 20; push++) {
      await guard.expectRoom(place);
      await guard.expectRoomFor(place, 1e12);
    }
    assert.equal(queries(), 1);
    now = 10_001;
    await guard.expectRoom(place);
    assert.equal(queries(), 2);
  });

  test("what was measured counts with what came since, and a changed quota at once or soon", async () => {
    await using database = await openTestDatabase();
    const { place, namespaceId } = await withNamespace(database);
    let now = 0;
    const guard = new QuotaGuard({ database, config: NO_DEFAULT, now: () => now });
    await guard.expectRoom(place);
    await database.transaction(async (trx) => {
      await insertQuota(trx, namespaceId, 1000, 0);
      const quota = await findQuota(trx, namespaceId);
      await insertLimit(trx, quota?.id ?? 0, { type: "Reject", percent: 50 });
      await putUsage(trx, namespaceId, { bytes: 400, pendingBytes: 5000 }, 0, 1);
    });
    await guard.expectRoomFor(place, 101);
    now = 10_001;
    await assert.rejects(guard.expectRoomFor(place, 101), { code: "DENIED" });
    await guard.expectRoomFor(place, 100);
    await database.transaction((trx) => addBytes(trx, namespaceId, 100));
    await assert.rejects(guard.expectRoom(place), {
      code: "DENIED",
      message: "Quota has been exceeded on namespace",
    });
    await assert.rejects(guard.expectRoom("team"), { code: "DENIED" });
    await guard.expectRoom("nobody");
    // Measured anew: what came since was measured.
    await database.transaction((trx) =>
      putUsage(trx, namespaceId, { bytes: 450, pendingBytes: 0 }, 100, 2),
    );
    await guard.expectRoomFor(place, 50);
    await assert.rejects(guard.expectRoomFor(place, 51), { code: "DENIED" });
  });
});

const NO_DEFAULT = { registry: { defaultQuota: undefined } };

async function withNamespace(
  database: Database,
): Promise<{ place: { namespaceId: number; namespace: string }; namespaceId: number }> {
  const namespaceId = await database.transaction(async (trx) => {
    const id = await addNamespace(trx, "team");
    await addRepository(trx, id, "team/app");
    return id;
  });
  return { place: { namespaceId, namespace: "team" }, namespaceId };
}

/** The same database, and how many queries were made of it. */
function counting(database: Database): { counted: Database; queries: () => number } {
  let queries = 0;
  const read = database.read.withPlugin({
    transformQuery: ({ node }) => {
      queries++;
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
  const counted: Database = {
    dialect: database.dialect,
    read,
    transaction: (work) => database.transaction(work),
    version: () => database.version(),
    notify: (channel) => database.notify(channel),
    listen: (channel, listener) => database.listen(channel, listener),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { counted, queries: () => queries };
}
