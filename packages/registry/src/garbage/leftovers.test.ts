import assert from "node:assert/strict";
import { test } from "node:test";

import { openTestSqlite } from "../database/testing/every-database.ts";
import { indexKey } from "../storage/object-keys.ts";
import { everyBlobStore } from "../storage/testing/every-blob-store.ts";
import { DAY, HOUR, TestRegistry } from "./testing/test-registry.ts";

everyBlobStore((_kind, openTestStore) => {
  function collection(
    name: string,
    scenario: (registry: TestRegistry, repository: number) => Promise<void>,
  ): void {
    test(name, async () => {
      await using database = await openTestSqlite();
      await using store = await openTestStore();
      const registry = new TestRegistry(database, store);
      await scenario(registry, await registry.createRepository("app"));
    });
  }

  collection("an object without a row goes when it is old", async (registry) => {
    const blob = await registry.storeObject("orphan");
    registry.later(HOUR);
    assert.equal((await registry.collect()).taken.orphanedBlobs.count, 0);
    registry.later(1);
    assert.equal((await registry.plan()).report.bytes, 6);
    const report = await registry.collect();
    assert.deepEqual(report.taken.orphanedBlobs, { count: 1, bytes: 6 });
    assert.equal(await registry.store.stat(blob.key), undefined);
    assert.deepEqual((await registry.contents()).objects, []);
  });

  collection(
    "rows that come while their objects are deleted are seen",
    async (registry, repository) => {
      const known = await registry.pushBlob(repository, "layer");
      await registry.pushManifest(repository, { blobs: [known] }, "latest");
      const second = await registry.storeObject("layer");
      await registry.store.put("blobs/strange", new Uint8Array(3));
      registry.later(HOUR + 1);
      await registry.collect();
      assert.equal(await registry.store.stat(second.key), undefined);
      assert.equal(await registry.store.stat("blobs/strange"), undefined);
      assert.ok(await registry.isWhole(known));

      const objects = await Promise.all(
        Array.from({ length: 30 }, (_, at) => registry.storeObject(`late ${at}`)),
      );
      registry.later(HOUR + 1);
      const { store } = registry;
      let recording: Promise<void> | undefined;
      const report = await registry
        .collector({
          store: {
            ...store,
            async delete(key) {
              recording ??= (async () => {
                for (const object of objects) await registry.recordObject(repository, object);
              })();
              await recording;
              await store.delete(key);
            },
          },
        })
        .collect();
      assert.equal(report.errors.count, 0);
      // No more than those that were already on their way.
      assert.ok(report.taken.orphanedBlobs.count <= 8, String(report.taken.orphanedBlobs.count));
    },
  );

  collection(
    "an index goes with its layer, and one of an unknown version by itself",
    async (registry, repository) => {
      const kept = await registry.pushBlob(repository, "kept");
      await registry.pushManifest(repository, { blobs: [kept] }, "latest");
      const gone = await registry.pushBlob(repository, "gone");
      const refused = await registry.pushBlob(repository, "refused");
      const row = { version: 3, diff_id: null, size: null, reason: null, created_at: registry.now };
      await registry.database.transaction(async (trx) => {
        await trx
          .insertInto("layer_indexes")
          .values([
            { digest: kept, state: "ready", ...row },
            { digest: gone, state: "ready", ...row },
            { digest: refused, state: "refused", ...row },
          ])
          .execute();
      });
      for (const digest of [kept, gone]) {
        for (const version of [2, 3]) {
          await registry.store.put(indexKey(digest, version), new Uint8Array(100));
        }
      }
      registry.later();
      const { report: plan } = await registry.plan();
      const report = await registry.collect();
      assert.deepEqual(plan.taken, report.taken);
      assert.deepEqual(report.taken.layerIndexes, { count: 2, bytes: 100 });
      assert.deepEqual(report.taken.orphanedIndexes, { count: 2, bytes: 200 });
      assert.equal(await registry.store.stat(indexKey(kept, 3)), 100);
      assert.equal((await registry.contents()).objects.length, 2);
    },
  );

  collection(
    "an upload that nobody continues is thrown away, its id is remembered",
    async (registry, repository) => {
      const states = new Map<string, string>();
      for (const id of ["old", "young", "without-row"]) {
        await using writer = await registry.store.openUpload(id, undefined);
        await writer.write(new Uint8Array(1000));
        states.set(id, await writer.flush());
      }
      const row = { repository_id: repository, size: 1000, created_at: registry.now };
      await registry.database.transaction(async (trx) => {
        await trx
          .insertInto("uploads")
          .values([
            {
              ...row,
              id: "old",
              state: states.get("old") ?? "",
              status: "open",
              touched_at: registry.now,
            },
            {
              ...row,
              id: "young",
              state: states.get("young") ?? "",
              status: "open",
              touched_at: registry.now + HOUR,
            },
            { ...row, id: "ended", state: "", size: 0, status: "ended", touched_at: registry.now },
          ])
          .execute();
      });
      registry.later(DAY);
      assert.equal((await registry.collect()).taken.uploads.count, 0);
      registry.later(1);
      const { report: plan } = await registry.plan();
      const report = await registry.collect();
      assert.deepEqual(plan.taken, report.taken);
      assert.deepEqual(report.taken.uploads, { count: 1, bytes: 1000 });
      assert.equal(report.taken.endedUploads.count, 1);
      assert.equal(report.taken.uploadLeftovers.count, 1);
      const left = [];
      for await (const { id } of registry.store.listUploads()) left.push(id);
      assert.deepEqual(left, ["young"]);
      const rows = await registry.database.read.selectFrom("uploads").select("id").execute();
      assert.deepEqual(
        rows.map(({ id }) => id),
        ["young"],
      );
      await using writer = await registry.store.openUpload("young", states.get("young"));
      assert.equal(writer.size, 1000);
    },
  );
});
