import assert from "node:assert/strict";
import { test } from "node:test";

import type { Digest } from "@wharf/image";

import type { Database } from "../database/database.ts";
import { everyDatabase } from "../database/testing/every-database.ts";
import type { BlobStore } from "../storage/blob-store.ts";
import { indexKey } from "../storage/object-keys.ts";
import { openTestFolder } from "../storage/testing/every-blob-store.ts";
import { TestRegistry } from "./testing/test-registry.ts";

everyDatabase((dialect, openTestDatabase) => {
  // The steps are the same on both; some of them are enough for the slower one.
  const stride = dialect === "sqlite" ? 1 : 3;

  test("a collector killed between any two steps loses nothing and leaves nothing to later ones", async () => {
    await using database = await openTestDatabase();
    await using store = await openTestFolder();
    const registry = new TestRegistry(database, store);
    const app = await registry.createRepository("app");
    const other = await registry.createRepository("other");
    const kept = await registry.pushImage(app, "kept", { tag: "latest" });
    let isOver = false;
    for (let step = 0; !isOver; step += stride) {
      await makeGarbage(registry, app, other);
      const process = new MortalProcess(registry, step);
      const collector = registry.collector(process);
      const outcome = await collector.collect().catch((error: unknown) => error);
      isOver = !process.isDead;
      if (process.isDead) assert.ok(outcome instanceof Error, String(step));
      assert.ok(await registry.isImageWhole(app, kept), `killed at ${step}`);
      registry.later(); // beyond the lease of the dead one
      const report = await registry.collect();
      assert.equal(report.errors.count, 0);
      const { tags, manifests, links, blobs, objects } = await registry.contents();
      assert.deepEqual(
        [tags.length, manifests.length, links.length, blobs.length, objects.length],
        [1, 1, 2, 2, 2],
        `killed at ${step}`,
      );
      const uploads = await database.read.selectFrom("uploads").selectAll().execute();
      assert.deepEqual(uploads, []);
      for await (const { id } of registry.store.listUploads()) assert.fail(id);
      if (step > 200) assert.fail("it never ends");
    }
  });
});

/** Something of every kind. */
async function makeGarbage(registry: TestRegistry, app: number, other: number): Promise<void> {
  const base = await registry.pushBlob(app, "base");
  await registry.mount(other, base);
  const image = await registry.pushImage(app, "a", { tag: "old", layers: [base] });
  await registry.pushManifest(app, { children: [image], subject: image });
  await registry.pushImage(other, "b", { layers: [base] });
  await registry.deleteTag(app, "old");
  await registry.storeObject("orphan");
  await addRows(registry, app, base);
  registry.later();
}

async function addRows(registry: TestRegistry, repository: number, layer: Digest): Promise<void> {
  const at = { created_at: registry.now };
  await registry.store.put(indexKey(layer, 1), new Uint8Array(10));
  await using writer = await registry.store.openUpload("upload", undefined);
  await writer.write(new Uint8Array(10));
  const upload = { id: "upload", repository_id: repository, size: 10, state: await writer.flush() };
  await registry.database.transaction(async (trx) => {
    await trx
      .insertInto("layer_indexes")
      .values({
        digest: layer,
        version: 1,
        state: "ready",
        diff_id: null,
        size: null,
        reason: null,
        ...at,
      })
      .execute();
    await trx
      .insertInto("uploads")
      .values({ ...upload, status: "open", touched_at: registry.now, ...at })
      .execute();
  });
}

/** Dies before or after its nth effect on database or blob store; nothing it tries later has any. */
class MortalProcess {
  readonly database: Database;
  readonly store: BlobStore;
  isDead = false;
  #left: number;

  constructor({ database, store }: TestRegistry, effects: number) {
    this.#left = effects;
    this.database = {
      dialect: database.dialect,
      read: database.read,
      transaction: (work) => this.#live(() => database.transaction(work)),
      version: () => database.version(),
      notify: (channel) => database.notify(channel),
      listen: (channel, listener) => database.listen(channel, listener),
      [Symbol.asyncDispose]: async () => {},
    };
    this.store = {
      ...store,
      delete: (key) => this.#live(() => store.delete(key)),
      discardUpload: (id, state) => this.#live(() => store.discardUpload(id, state)),
    };
  }

  /** Even: before the effect; odd: after it. */
  async #live<T>(effect: () => Promise<T>): Promise<T> {
    if (this.isDead || this.#left-- <= 0) {
      this.isDead = true;
      throw new Error("killed");
    }
    const result = await effect();
    if (this.#left-- <= 0) {
      this.isDead = true;
      throw new Error("killed");
    }
    return result;
  }
}
