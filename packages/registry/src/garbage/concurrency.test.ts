import assert from "node:assert/strict";
import { test } from "node:test";

import type { Digest } from "@wharf/image";
import { sql } from "kysely";
import type { Transaction } from "kysely";

import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { openDatabase } from "../database/open-database.ts";
import { everyDatabase } from "../database/testing/every-database.ts";
import type { TestDatabase } from "../database/testing/every-database.ts";
import { openTestFolder } from "../storage/testing/every-blob-store.ts";
import { DAY, HOUR, NOTHING, TestRegistry } from "./testing/test-registry.ts";

everyDatabase((dialect, openTestDatabase) => {
  function hazard(
    name: string,
    scenario: (registry: TestRegistry, repository: number, database: TestDatabase) => Promise<void>,
  ): void {
    test(name, async () => {
      await using database = await openTestDatabase();
      await using store = await openTestFolder();
      const registry = new TestRegistry(database, store);
      await scenario(registry, await registry.createRepository("app"), database);
    });
  }

  /** Runs a collection, and `act` before each of its transactions, when it has chosen and not taken yet. */
  async function collectWhile(
    registry: TestRegistry,
    act: (turn: number) => Promise<void>,
  ): Promise<void> {
    const { database } = registry;
    let turn = 0;
    const disturbed: Database = {
      ...delegate(database),
      async transaction(work) {
        // The first one is the lease: nothing is chosen yet.
        if (turn++ > 0) await act(turn - 1);
        return await database.transaction(work);
      },
    };
    const report = await registry.collector({ database: disturbed }).collect();
    assert.deepEqual(report.errors, { count: 0, first: [] });
  }

  hazard("a push refers to blobs that collection has chosen", async (registry, repository) => {
    const blob = await registry.pushBlob(repository, "layer");
    registry.later();
    let pushed: Digest | undefined;
    await collectWhile(registry, async () => {
      pushed ??= await registry.pushManifest(repository, { blobs: [blob] }, "latest");
    });
    assert.ok(pushed !== undefined);
    assert.ok(await registry.isImageWhole(repository, pushed));
  });

  hazard("a blob is mounted while its last repository loses it", async (registry, repository) => {
    const other = await registry.createRepository("other");
    const blob = await registry.pushBlob(repository, "layer");
    registry.later();
    // Before each step in turn: links, blobs, forgetting rows.
    for (const turn of [1, 2, 3, 4, 5]) {
      let isMounted = false;
      await collectWhile(registry, async (now) => {
        if (now === turn) isMounted = await registry.mount(other, blob);
      });
      assert.equal(isMounted, turn <= 2);
      assert.equal(await registry.isWhole(blob), isMounted, `before transaction ${turn}`);
      registry.later();
      await registry.collect();
      assert.deepEqual(await registry.contents(), NOTHING);
      await registry.pushBlob(repository, "layer");
      registry.later();
    }
  });

  hazard(
    "a tag is taken back at the last moment, while collection thinks it is over",
    async (registry, repository) => {
      const outcomes: boolean[] = [];
      for (const turn of [1, 2, 3, 4, 5, 6]) {
        const image = await registry.pushImage(repository, "a", { tag: "latest" });
        await registry.deleteManifest(repository, image);
        registry.later(14 * DAY + 1);
        let isRestored = false;
        await collectWhile(registry, async (now) => {
          if (now !== turn) return;
          registry.later(-1);
          isRestored = await registry.restoreTag(repository, "latest", image);
          registry.later(1);
        });
        assert.equal(await registry.isImageWhole(repository, image), isRestored, `turn ${turn}`);
        outcomes.push(isRestored);
        await registry.deleteTag(repository, "latest");
        registry.later();
        await registry.collect();
        assert.deepEqual(await registry.contents(), NOTHING);
      }
      assert.deepEqual(outcomes, [true, false, false, false, false, false]);
    },
  );

  hazard(
    "a repository is restored at the last moment, while collection thinks its time is over",
    async (registry, repository) => {
      const outcomes: boolean[] = [];
      let deleted = repository;
      for (const turn of [1, 2, 3, 4, 5]) {
        const image = await registry.pushImage(deleted, `image ${turn}`, { tag: "latest" });
        await registry.deleteRepository(deleted);
        registry.later(14 * DAY + 1);
        let isRestored = false;
        await collectWhile(registry, async (now) => {
          if (now !== turn) return;
          registry.later(-1);
          isRestored = await registry.restoreRepository(deleted);
          registry.later(1);
        });
        assert.equal(await registry.isImageWhole(deleted, image), isRestored, `turn ${turn}`);
        registry.later();
        await registry.collect();
        assert.equal(await registry.isImageWhole(deleted, image), isRestored, "and it stays");
        outcomes.push(isRestored);
        if (!isRestored) deleted = await registry.createRepository(`after${turn}`);
      }
      // Once it is given up, a part of it may be gone.
      assert.deepEqual(outcomes, [true, false, false, false, false]);
    },
  );

  hazard(
    "restorations and a collection in two processes: each repository is whole or gone",
    async (registry, _repository, database) => {
      const repositories: [number, Digest][] = [];
      for (let at = 0; at < 12; at++) {
        const id = await registry.createRepository(`app${at}`);
        repositories.push([id, await registry.pushImage(id, `image ${at}`, { tag: "latest" })]);
        await registry.deleteRepository(id);
      }
      registry.later(14 * DAY + 1);
      await using second = await openDatabase(database.options);
      const collecting = registry.collector({ database: second }).collect();
      const restored = new Set<number>();
      // As a replica whose clock is a little behind sees them.
      for (const [id] of repositories.toReversed()) {
        if (await registry.restoreRepository(id, 14 * DAY + 1)) restored.add(id);
      }
      assert.deepEqual((await collecting).errors, { count: 0, first: [] });
      registry.later();
      await registry.collect();
      for (const [id, image] of repositories) {
        assert.equal(await registry.isImageWhole(id, image), restored.has(id));
      }
    },
  );

  hazard("a push comes while its repository is taken apart", async (registry, repository) => {
    await registry.pushImage(repository, "a", { tag: "latest" });
    for (let at = 0; at < 5; at++) await registry.pushImage(repository, `${at}`, { tag: `t${at}` });
    await registry.deleteRepository(repository);
    registry.later();
    let pushes = 0;
    await collectWhile(registry, async (turn) => {
      if (turn < 2 || turn > 5) return;
      pushes++;
      // As long as its row is there, whoever found it before its deletion can push to it.
      await registry.pushImage(repository, "late", { tag: `late${turn}` }).catch(() => undefined);
    });
    assert.equal(pushes, 4);
    registry.later();
    await registry.collect();
    assert.deepEqual(await registry.contents(), NOTHING);
  });

  hazard("a manifest is pushed again while it is chosen", async (registry, repository) => {
    const image = await registry.pushImage(repository, "a", { tag: "latest" });
    const signature = await registry.pushManifest(repository, { subject: image });
    assert.ok(signature !== undefined);
    await registry.deleteTag(repository, "latest");
    registry.later();
    // The first transaction takes the tag's history, the second the manifests.
    await collectWhile(registry, async (turn) => {
      if (turn === 2) await registry.pushImage(repository, "a", { tag: "latest" });
    });
    assert.ok(await registry.isImageWhole(repository, image));
    assert.ok(await registry.isImageWhole(repository, signature), "its signature stays with it");
  });

  hazard("an index comes while its child is chosen", async (registry, repository) => {
    const child = await registry.pushImage(repository, "a");
    registry.later();
    let index: Digest | undefined;
    await collectWhile(registry, async () => {
      index ??= await registry.pushManifest(repository, { children: [child] }, "latest");
    });
    assert.ok(await registry.isImageWhole(repository, child));
  });

  hazard(
    "what a pusher whose clock is far behind refers to is seen as well",
    async (registry, repository) => {
      const other = await registry.createRepository("other");
      const refused: string[] = [];
      for (const turn of [1, 2, 3, 4]) {
        const child = await registry.pushImage(repository, `child ${turn}`);
        const layer = await registry.pushBlob(repository, `layer ${turn}`);
        registry.later();
        let image: Digest | undefined;
        await collectWhile(registry, async (now) => {
          if (now !== turn) return;
          registry.later(-40 * DAY);
          await registry.pushManifest(repository, { children: [child] }, `index ${turn}`);
          image = await registry.pushManifest(repository, { blobs: [layer] }, `image ${turn}`);
          if (image === undefined) refused.push(`push ${turn}`);
          if (!(await registry.mount(other, layer))) refused.push(`mount ${turn}`);
          else await registry.pushManifest(other, { blobs: [layer] }, `image ${turn}`);
          registry.later(40 * DAY);
        });
        assert.equal(await registry.isImageWhole(repository, child), turn === 1, `child, ${turn}`);
        if (image !== undefined) assert.ok(await registry.isImageWhole(repository, image));
        assert.equal(
          await registry.isWhole(layer),
          !refused.includes(`mount ${turn}`),
          `layer, ${turn}`,
        );
      }
      // Turns take manifests, links, blobs; the last one forgets what is gone.
      assert.deepEqual(refused, ["push 3", "push 4", "mount 4"]);
    },
  );

  hazard("a missing subject comes while its referrer is chosen", async (registry, repository) => {
    const image = await registry.pushImage(repository, "a");
    await registry.deleteManifest(repository, image);
    registry.later(2 * HOUR);
    await registry.collect();
    const signature = await registry.pushManifest(repository, { subject: image });
    assert.ok(signature !== undefined);
    registry.later();
    await collectWhile(registry, async (turn) => {
      if (turn === 1) await registry.pushImage(repository, "a", { tag: "latest" });
    });
    assert.ok(await registry.isImageWhole(repository, image));
    assert.ok(await registry.isImageWhole(repository, signature));
  });

  hazard("HEAD holds a blob until the manifest comes", async (registry, repository) => {
    const blob = await registry.pushBlob(repository, "layer");
    registry.later(HOUR);
    // What HEAD does for somebody who may push, as the lease is more than half over.
    await registry.mount(repository, blob);
    registry.later(HOUR);
    await registry.collect();
    assert.ok((await registry.pushManifest(repository, { blobs: [blob] }, "latest")) !== undefined);
  });

  hazard(
    "two collections in two processes: one works, the other says so",
    async (registry, repository, database) => {
      await registry.pushImage(repository, "a");
      registry.later();
      await using second = await openDatabase(database.options);
      const results = await Promise.allSettled([
        registry.collect(),
        registry.collector({ database: second }).collect(),
      ]);
      const failed = results.filter((result) => result.status === "rejected");
      assert.equal(failed.length, 1);
      assert.match(String(failed[0]?.reason), /another collection is running/);
      assert.deepEqual(await registry.contents(), NOTHING);
      assert.equal((await registry.collect()).complete, true, "the lease was given back");
    },
  );

  hazard(
    "two collections that both believe they are alone do no harm",
    async (registry, repository, database) => {
      const kept = await registry.pushImage(repository, "kept", { tag: "latest" });
      for (let at = 0; at < 20; at++) await registry.pushImage(repository, `image ${at}`);
      const other = await registry.createRepository("other");
      for (let at = 0; at < 20; at += 2)
        await registry.pushImage(other, `image ${at}`, { tag: `t${at}` });
      registry.later();
      await using second = await openDatabase(database.options);
      const begun = Promise.withResolvers<void>();
      let count = 0;
      const first: Database = {
        ...delegate(database),
        async transaction(work) {
          if (++count === 2) begun.resolve();
          return await database.transaction(work);
        },
      };
      const collecting = registry.collector({ database: first }).collect();
      await begun.promise;
      await second.transaction((trx) => trx.deleteFrom("leases").execute());
      const reports = await Promise.all([
        collecting,
        registry.collector({ database: second }).collect(),
      ]);
      for (const { errors } of reports) assert.equal(errors.count, 0);
      await registry.collect();
      assert.ok(await registry.isImageWhole(repository, kept));
      const { manifests, objects, blobs } = await registry.contents();
      assert.equal(manifests.length, 11);
      assert.equal(blobs.length, 22);
      assert.equal(objects.length, 22);
    },
  );

  hazard(
    "a dead owner's lease is taken over, and the owner stops when it wakes",
    async (registry, repository) => {
      await registry.pushImage(repository, "a");
      registry.later();
      let count = 0;
      const { database } = registry;
      const slow: Database = {
        ...delegate(database),
        async transaction(work) {
          if (++count === 2) {
            registry.later(300_000); // the process stood still for so long
            await registry.collect();
          }
          return await database.transaction(work);
        },
      };
      const report = await registry.collector({ database: slow }).collect();
      assert.equal(report.complete, false);
      assert.deepEqual(await registry.contents(), NOTHING);
      registry.later();
      await registry.pushImage(repository, "a");
      registry.later();
      count = 0;
      const robbed: Database = {
        ...delegate(database),
        async transaction(work) {
          if (++count === 2) {
            registry.later(100_000);
            await database.transaction((trx) =>
              trx.updateTable("leases").set({ owner: "another" }).execute(),
            );
          }
          return await database.transaction(work);
        },
      };
      const stopped = await registry.collector({ database: robbed }).collect();
      assert.equal(stopped.complete, false);
    },
  );

  hazard("a signal stops a collection between two batches", async (registry, repository) => {
    await registry.pushImage(repository, "a");
    registry.later();
    const stop = new AbortController();
    const report = await registry
      .collector()
      .collect({ signal: stop.signal, onItem: () => stop.abort() });
    assert.equal(report.complete, false);
    assert.equal(report.taken.blobs.count, 0);
    assert.equal((await registry.collect()).complete, true);
    assert.deepEqual(await registry.contents(), NOTHING);
  });

  if (dialect === "postgres") describeLocks(hazard);
});

/** What only several writers at a time can show. */
function describeLocks(
  hazard: (
    name: string,
    scenario: (registry: TestRegistry, repository: number, database: TestDatabase) => Promise<void>,
  ) => void,
): void {
  hazard(
    "what a transaction under way has touched is left alone, without waiting",
    async (registry, repository, database) => {
      const blob = await registry.pushBlob(repository, "layer");
      const image = await registry.pushImage(repository, "a");
      const alone = await registry.pushBlob(repository, "alone");
      await registry.database.transaction((trx) =>
        trx.deleteFrom("repository_blobs").where("digest", "=", alone).execute(),
      );
      registry.later();
      const touched = Promise.withResolvers<void>();
      const finish = Promise.withResolvers<void>();
      const slow = registry.database.transaction(async (trx) => {
        const { now } = registry;
        await trx
          .updateTable("repository_blobs")
          .set({ touched_at: now })
          .where("digest", "=", blob)
          .execute();
        await trx
          .updateTable("manifests")
          .set({ touched_at: now })
          .where("digest", "=", image)
          .execute();
        await trx
          .updateTable("blobs")
          .set({ touched_at: now })
          .where("digest", "=", alone)
          .execute();
        touched.resolve();
        await finish.promise;
      });
      await touched.promise;
      await using second = await openDatabase(database.options);
      const report = await registry.collector({ database: second }).collect();
      assert.equal(report.errors.count, 0);
      const { manifests, links, blobs } = report.taken;
      assert.equal(manifests.count + links.count + blobs.count, 0);
      finish.resolve();
      await slow;
      assert.ok(await registry.isWhole(alone));
      assert.ok(await registry.isImageWhole(repository, image));
      assert.ok(await registry.isWhole(blob));
    },
  );

  hazard(
    "who comes while collection decides waits, and learns that the blob is gone",
    async (registry, repository) => {
      const other = await registry.createRepository("other");
      const blob = await registry.pushBlob(repository, "layer");
      await registry.database.transaction((trx) => trx.deleteFrom("repository_blobs").execute());
      registry.later();
      const { database } = registry;
      const decided = Promise.withResolvers<void>();
      let isDecided = false;
      const slow: Database = {
        ...delegate(database),
        transaction: (work) =>
          database.transaction(async (trx) => {
            const result = await work(trx);
            const givenUp = await trx
              .selectFrom("blobs")
              .select("digest")
              .where("state", "=", "deleting")
              .executeTakeFirst();
            if (givenUp === undefined || isDecided) return result;
            isDecided = true;
            decided.resolve();
            await somebodyWaits(trx);
            return result;
          }),
      };
      const collecting = registry.collector({ database: slow }).collect();
      await decided.promise;
      const mounting = registry.mount(other, blob);
      const report = await collecting;
      assert.equal(report.taken.blobs.count, 1);
      assert.equal(await mounting, false);
      assert.equal(await registry.isWhole(blob), false);
    },
  );

  hazard(
    "a mount that commits between choosing and locking is seen",
    async (registry, repository) => {
      const other = await registry.createRepository("other");
      const blob = await registry.pushBlob(repository, "layer");
      await registry.database.transaction((trx) => trx.deleteFrom("repository_blobs").execute());
      registry.later();
      // As by a pusher whose clock is far behind: the lease alone would not hold.
      await registry.database.transaction(async (trx) => {
        await trx
          .insertInto("repository_blobs")
          .values({
            repository_id: other,
            digest: blob,
            deleted_at: null,
            touched_at: registry.now,
          })
          .execute();
      });
      await registry.collect();
      assert.ok(await registry.isWhole(blob));
    },
  );
}

/** Every method, bound: a class's methods are not spread. */
function delegate(database: Database): Database {
  return {
    dialect: database.dialect,
    read: database.read,
    transaction: (work) => database.transaction(work),
    version: () => database.version(),
    notify: (channel) => database.notify(channel),
    listen: (channel, listener) => database.listen(channel, listener),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** Until another connection waits for a lock. */
async function somebodyWaits(trx: Transaction<Tables>): Promise<void> {
  for (;;) {
    const { rows } = await sql`select 1 from pg_locks where not granted`.execute(trx);
    if (rows.length > 0) return;
  }
}
