import assert from "node:assert/strict";
import { test } from "node:test";

import { digestOf } from "@wharf/image";
import type { Digest } from "@wharf/image";

import { everyDatabase } from "../database/testing/every-database.ts";
import { openTestFolder } from "../storage/testing/every-blob-store.ts";
import { DAY, HOUR, NOTHING, TestRegistry } from "./testing/test-registry.ts";

everyDatabase((_dialect, openTestDatabase) => {
  /** @param scenario with a repository that has the registry's window */
  function collection(
    name: string,
    scenario: (registry: TestRegistry, repository: number) => Promise<void>,
  ): void {
    test(name, async () => {
      await using database = await openTestDatabase();
      await using store = await openTestFolder();
      const registry = new TestRegistry(database, store);
      await scenario(registry, await registry.createRepository("app"));
    });
  }

  collection("what a tag points to stays for ever", async (registry, repository) => {
    const image = await registry.pushImage(repository, "a", { tag: "latest" });
    registry.later(1000 * DAY);
    const report = await registry.collect();
    assert.equal(report.complete, true);
    assert.equal(report.bytes, 0);
    assert.ok(await registry.isImageWhole(repository, image));
  });

  collection(
    "a tag that moved keeps its image until it cannot be taken back",
    async (registry, repository) => {
      const first = await registry.pushImage(repository, "a", { tag: "latest" });
      registry.later(100 * DAY);
      const second = await registry.pushImage(repository, "b", { tag: "latest" });
      registry.later(14 * DAY);
      await registry.collect();
      assert.ok(await registry.isImageWhole(repository, first));
      registry.later(1);
      const report = await registry.collect();
      assert.deepEqual(
        [report.taken.tags.count, report.taken.manifests.count, report.taken.links.count],
        [1, 1, 2],
      );
      assert.equal(report.taken.blobs.count, 2);
      assert.equal(report.bytes, "config of a".length + "layer of a".length);
      assert.ok(await registry.isImageWhole(repository, second));
      assert.equal((await registry.contents()).objects.length, 2);
    },
  );

  collection("a deleted repository stays for its window, and then goes", async (registry) => {
    const short = await registry.createRepository("short", DAY);
    const usual = await registry.createRepository("usual");
    const other = await registry.createRepository("other");
    for (const repository of [short, usual]) {
      await registry.pushImage(repository, "a", { tag: "latest" });
      const old = await registry.pushImage(repository, "b", { tag: "old" });
      await registry.pushManifest(repository, { children: [old], subject: old });
      await registry.deleteTag(repository, "old");
    }
    const kept = await registry.pushImage(other, "a", { tag: "latest" });
    await registry.deleteRepository(short);
    await registry.deleteRepository(usual);
    registry.later(DAY);
    const { manifests, blobs } = await registry.contents();
    await registry.collect();
    assert.deepEqual((await registry.contents()).manifests, manifests, "exactly a window later");
    registry.later(1);
    const { report: plan, items } = await registry.plan();
    assert.deepEqual(items, ["repositories short-owner/short 0"]);
    assert.deepEqual((await registry.collect()).taken, plan.taken);
    assert.deepEqual((await registry.contents()).blobs, blobs, "another one has them");
    assert.ok(await registry.restoreRepository(usual));
    await registry.deleteRepository(usual);
    registry.later(14 * DAY + 1);
    const { report: last } = await registry.plan();
    const report = await registry.collect();
    assert.deepEqual(report.taken, last.taken);
    assert.equal(report.taken.repositories.count, 1);
    assert.equal(report.taken.manifests.count, 0, "they are part of the repository");
    assert.equal(report.bytes, "config of b".length + "layer of b".length);
    assert.ok(await registry.isImageWhole(other, kept));
    assert.equal((await registry.contents()).manifests.length, 1);
  });

  collection("the namespace's own window counts", async (registry) => {
    const short = await registry.createRepository("short", 0);
    const long = await registry.createRepository("long", 100 * DAY);
    for (const repository of [short, long]) {
      await registry.pushImage(repository, "a", { tag: "latest" });
      await registry.deleteTag(repository, "latest");
    }
    registry.later(HOUR);
    await registry.collect();
    assert.equal((await registry.contents()).manifests.length, 2, "the lease holds");
    registry.later(1);
    await registry.collect();
    assert.deepEqual(
      (await registry.contents()).manifests.map((line) => Number(line.split(" ")[0])),
      [long],
    );
    registry.later(99 * DAY);
    await registry.collect();
    assert.equal((await registry.contents()).tags.length, 1);
    registry.later(2 * DAY);
    await registry.collect();
    assert.deepEqual(await registry.contents(), NOTHING);
  });

  collection("an image without a tag is kept for the window", async (registry, repository) => {
    const image = await registry.pushImage(repository, "a");
    registry.later(14 * DAY);
    await registry.collect();
    assert.ok(await registry.isImageWhole(repository, image));
    registry.later(1);
    await registry.collect();
    assert.deepEqual(await registry.contents(), NOTHING);
  });

  collection(
    "an image without a tag is kept for the window after each push",
    async (registry, repository) => {
      const image = await registry.pushImage(repository, "a");
      registry.later(14 * DAY);
      await registry.pushImage(repository, "a");
      registry.later(14 * DAY);
      await registry.collect();
      assert.ok(await registry.isImageWhole(repository, image));
    },
  );

  collection(
    "an image deleted by its digest goes after the lease, but not before its tags",
    async (registry, repository) => {
      const tagged = await registry.pushImage(repository, "a", { tag: "latest" });
      const untagged = await registry.pushImage(repository, "b");
      registry.later(DAY);
      await registry.deleteManifest(repository, tagged);
      await registry.deleteManifest(repository, untagged);
      registry.later(HOUR);
      await registry.collect();
      assert.equal((await registry.contents()).manifests.length, 2);
      registry.later(1);
      await registry.collect();
      assert.ok(await registry.isImageWhole(repository, tagged));
      assert.equal((await registry.contents()).manifests.length, 1);
      assert.ok(await registry.restoreTag(repository, "latest", tagged));
      registry.later();
      await registry.collect();
      assert.ok(await registry.isImageWhole(repository, tagged));
    },
  );

  collection(
    "an index keeps its children, also deep ones, and they go with it",
    async (registry, repository) => {
      const child = await registry.pushImage(repository, "a");
      const absent = digestOf(new TextEncoder().encode("absent"));
      let top = child;
      for (let depth = 0; depth < 30; depth++) {
        const index = await registry.pushManifest(repository, { children: [top, absent] });
        assert.ok(index !== undefined);
        top = index;
      }
      await registry.pushManifest(repository, { children: [top] }, "latest");
      registry.later();
      assert.equal((await registry.collect()).taken.manifests.count, 0);
      assert.ok(await registry.isImageWhole(repository, child));
      await registry.deleteTag(repository, "latest");
      registry.later();
      const { items } = await registry.plan();
      assert.equal(items.length, 1 + 32 + 2 + 2);
      assert.equal((await registry.collect()).taken.manifests.count, 32);
      assert.deepEqual(await registry.contents(), NOTHING);
    },
  );

  collection("referrers live and die with their subject", async (registry, repository) => {
    const image = await registry.pushImage(repository, "a", { tag: "latest" });
    const layer = await registry.pushBlob(repository, "signature");
    const signature = await registry.pushManifest(repository, { blobs: [layer], subject: image });
    assert.ok(signature !== undefined);
    const ofSignature = await registry.pushManifest(repository, { subject: signature });
    assert.ok(ofSignature !== undefined);
    const nowhere = digestOf(new TextEncoder().encode("never pushed"));
    await registry.pushManifest(repository, { subject: nowhere });
    registry.later();
    assert.equal((await registry.collect()).taken.manifests.count, 1, "the subject is missing");
    assert.ok(await registry.isImageWhole(repository, signature));
    assert.ok(await registry.isImageWhole(repository, ofSignature));
    await registry.deleteManifest(repository, image);
    registry.later(14 * DAY);
    assert.equal((await registry.collect()).taken.manifests.count, 0, "the tag can be taken back");
    registry.later(1);
    assert.equal((await registry.collect()).taken.manifests.count, 3);
    assert.deepEqual(await registry.contents(), NOTHING);
  });

  collection(
    "a referrer of another repository's image is on its own",
    async (registry, repository) => {
      const other = await registry.createRepository("other");
      const image = await registry.pushImage(repository, "a", { tag: "latest" });
      await registry.pushManifest(other, { subject: image });
      registry.later();
      assert.equal((await registry.collect()).taken.manifests.count, 1);
    },
  );

  collection(
    "an index whose subject is its own child goes as well",
    async (registry, repository) => {
      const child = await registry.pushImage(repository, "a", { tag: "latest" });
      const knot = await registry.pushManifest(repository, { children: [child], subject: child });
      assert.ok(knot !== undefined);
      const behind = await registry.pushManifest(repository, { subject: knot });
      assert.ok(behind !== undefined);
      registry.later();
      assert.equal((await registry.collect()).taken.manifests.count, 0);
      await registry.deleteTag(repository, "latest");
      registry.later();
      const { report } = await registry.plan();
      assert.equal(report.taken.manifests.count, 3);
      assert.equal((await registry.collect()).taken.manifests.count, 3);
      assert.deepEqual(await registry.contents(), NOTHING);
    },
  );

  collection(
    "a blob stays as long as one of two repositories needs it",
    async (registry, repository) => {
      const other = await registry.createRepository("other");
      const layer = await registry.pushBlob(repository, "base");
      await registry.pushImage(repository, "a", { tag: "latest", layers: [layer] });
      assert.ok(await registry.mount(other, layer));
      const image = await registry.pushImage(other, "b", { tag: "latest", layers: [layer] });
      await registry.deleteTag(repository, "latest");
      registry.later();
      const report = await registry.collect();
      assert.equal(report.taken.links.count, 3);
      assert.equal(report.taken.blobs.count, 2);
      assert.ok(await registry.isImageWhole(other, image));
      await registry.deleteTag(other, "latest");
      registry.later();
      await registry.collect();
      assert.deepEqual(await registry.contents(), NOTHING);
    },
  );

  collection(
    "a blob that was uploaded or mounted is kept for the lease",
    async (registry, repository) => {
      const other = await registry.createRepository("other");
      const digest = await registry.pushBlob(repository, "layer");
      registry.later(HOUR);
      await registry.collect();
      assert.ok(await registry.mount(other, digest));
      registry.later(HOUR);
      const report = await registry.collect();
      assert.equal(report.taken.links.count, 1, "the first repository's lease ran out");
      assert.ok(await registry.isWhole(digest));
      const image = await registry.pushManifest(other, { blobs: [digest] }, "latest");
      assert.ok(image !== undefined);
      registry.later();
      await registry.collect();
      assert.ok(await registry.isImageWhole(other, image));
    },
  );

  collection(
    "a blob that is pushed again while its object is deleted lies elsewhere",
    async (registry, repository) => {
      const digest = await registry.pushBlob(repository, "layer");
      registry.later();
      const { store } = registry;
      const report = await registry
        .collector({
          store: {
            ...store,
            async delete(key) {
              await registry.pushBlob(repository, "layer");
              await store.delete(key);
            },
          },
        })
        .collect();
      assert.equal(report.taken.blobs.count, 1);
      assert.ok(await registry.isWhole(digest));
      assert.equal((await registry.contents()).objects.length, 1);
    },
  );

  collection(
    "stored squashed layers live with their squashed image, that with its source",
    async (registry, repository) => {
      const source = await registry.pushImage(repository, "a", { tag: "latest" });
      const layer = await registry.storeObject("squashed layer");
      const virtual = digestOf(new TextEncoder().encode("virtual"));
      await registry.database.transaction(async (trx) => {
        const at = { created_at: registry.now, touched_at: registry.now };
        await trx
          .insertInto("blobs")
          .values({ ...layer, state: "live", ...at })
          .execute();
        const image = {
          source_digest: source,
          version: 1,
          keep: 0,
          manifest_digest: source,
          manifest: new Uint8Array(1),
          config_digest: source,
          config: new Uint8Array(1),
          layer_size: 1,
          diff_id: source,
          tar_size: 1,
          ...at,
        };
        await trx
          .insertInto("squashed_images")
          .values([
            { ...image, compression: "gzip", layer_digest: layer.digest },
            { ...image, compression: "none", layer_digest: virtual },
          ])
          .execute();
        await trx
          .insertInto("squashed_indexes")
          .values({ digest: virtual, source_digest: source, manifest: new Uint8Array(1), ...at })
          .execute();
      });
      registry.later();
      assert.equal((await registry.collect()).bytes, 0);
      await registry.deleteTag(repository, "latest");
      registry.later();
      const { report: plan } = await registry.plan();
      const report = await registry.collect();
      assert.deepEqual(plan.taken, report.taken);
      assert.equal(report.taken.squashedImages.count, 2);
      assert.equal(report.taken.squashedIndexes.count, 1);
      assert.equal(report.taken.blobs.count, 3);
      assert.deepEqual(await registry.contents(), NOTHING);
    },
  );

  collection(
    "a lost object of one kind does not stop the rest, and is tried again",
    async (registry, repository) => {
      const bad = await registry.pushBlob(repository, "bad");
      await registry.pushBlob(repository, "good");
      registry.later();
      const { store } = registry;
      const report = await registry
        .collector({
          store: {
            ...store,
            async delete(key) {
              if (key.includes(bad.slice(7))) throw new Error("the disk has a scratch");
              await store.delete(key);
            },
          },
        })
        .collect();
      assert.equal(report.taken.blobs.count, 1);
      assert.deepEqual(report.errors, {
        count: 1,
        first: [{ kind: "blobs", item: bad, message: "the disk has a scratch" }],
      });
      assert.deepEqual((await registry.contents()).blobs, [`deleting ${bad}`]);
      assert.equal((await registry.plan()).report.bytes, 3);
      assert.equal((await registry.collect()).taken.blobs.count, 1);
      assert.deepEqual(await registry.contents(), NOTHING);
    },
  );

  collection(
    "a dry run takes nothing and tells exactly what a run takes",
    async (registry, repository) => {
      const other = await registry.createRepository("other");
      const base = await registry.pushBlob(repository, "base");
      await registry.mount(other, base);
      await registry.pushImage(repository, "a", { tag: "latest", layers: [base] });
      await registry.pushImage(repository, "b", { tag: "old", layers: [base] });
      await registry.pushImage(other, "b", { tag: "old", layers: [base] });
      const image = await registry.pushImage(other, "c", { layers: [base] });
      await registry.pushManifest(other, { children: [image], subject: image });
      await registry.storeObject("orphan");
      await registry.deleteTag(repository, "old");
      await registry.deleteTag(other, "old");
      registry.later();
      const before = await registry.contents();
      const { report: plan, items } = await registry.plan();
      assert.deepEqual(await registry.contents(), before);
      const taken: string[] = [];
      const report = await registry.collector().collect({
        onItem: ({ kind, repository, tag, digest, name, bytes }) =>
          taken.push(
            [kind, repository, tag, digest, name, bytes]
              .filter((word) => word !== undefined)
              .join(" "),
          ),
      });
      assert.deepEqual(taken.toSorted(), items);
      assert.deepEqual(plan.taken, report.taken);
      assert.equal(plan.bytes, report.bytes);
      assert.equal(plan.dryRun, true);
      const words = ["config of b", "layer of b", "config of c", "layer of c", "orphan"];
      assert.equal(report.bytes, words.join("").length);
      assert.equal((await registry.contents()).objects.length, 3);
    },
  );

  collection("more than one page of everything", async (registry, repository) => {
    const { database } = registry;
    const digest = (index: number): Digest => digestOf(new TextEncoder().encode(`m${index}`));
    await database.transaction(async (trx) => {
      const old = { created_at: registry.now, touched_at: registry.now };
      for (let at = 0; at < 1200; at++) {
        await trx
          .insertInto("blobs")
          .values({ digest: digest(at), size: 1, key: `blobs/${at}`, state: "live", ...old })
          .execute();
        await trx
          .insertInto("repository_blobs")
          .values({
            repository_id: repository,
            digest: digest(at),
            deleted_at: null,
            touched_at: registry.now,
          })
          .execute();
        await trx
          .insertInto("manifests")
          .values({
            repository_id: repository,
            digest: digest(at),
            media_type: "",
            artifact_type: null,
            subject_digest: at % 3 === 1 ? digest(at - 1) : null,
            annotations: null,
            content: new Uint8Array(1),
            size: 1,
            kind: "image",
            total_size: 0,
            deleted_at: null,
            ...old,
          })
          .execute();
        if (at % 3 === 2) {
          await trx
            .insertInto("manifest_children")
            .values(
              [0, 1, 2].map((back) => ({
                repository_id: repository,
                manifest_digest: digest(at),
                child_digest: digest(at - back - 1 < 0 ? 0 : at - back - 1),
              })),
            )
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        }
        await trx
          .insertInto("manifest_blobs")
          .values({
            repository_id: repository,
            manifest_digest: digest(at),
            blob_digest: digest(at),
          })
          .execute();
        await trx
          .insertInto("tags")
          .values({
            repository_id: repository,
            name: `t${at}`,
            manifest_digest: digest(at),
            started_at: registry.now,
            ended_at: registry.now,
            started_by: null,
          })
          .execute();
      }
    });
    registry.later();
    const { report: plan } = await registry.plan();
    const report = await registry.collect();
    assert.deepEqual(plan.taken, report.taken);
    assert.equal(report.errors.count, 0);
    for (const kind of ["tags", "manifests", "links", "blobs"] as const) {
      assert.equal(report.taken[kind].count, 1200, kind);
    }
    assert.deepEqual(await registry.contents(), NOTHING);
  });
});
