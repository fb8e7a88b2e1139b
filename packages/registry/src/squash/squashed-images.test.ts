import assert from "node:assert/strict";
import { test } from "node:test";
import { smallImage } from "../testing/test-image.ts";
import { everyRegistry } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";

everyRegistry((start) => {
  test("a stored layer that is found again is held, so that collection does not take it from the new image", async () => {
    await using registry = await start();
    await pushImage(registry);
    const layer = await pullLayer(registry);
    // As collection leaves it when the source was gone for a while: the image is taken, its layer not yet.
    await registry.database.transaction(async (trx) => {
      await trx.deleteFrom("squashed_images").execute();
      await trx.updateTable("blobs").set({ touched_at: 0 }).where("digest", "=", layer).execute();
    });
    assert.equal(await pullLayer(registry), layer);
    assert.ok((await blobRow(registry, layer)).touched_at > 0);
  });

  test("a stored layer that collection has decided against is stored again", async () => {
    await using registry = await start();
    await pushImage(registry);
    const layer = await pullLayer(registry);
    const { key } = await blobRow(registry, layer);
    await registry.database.transaction(async (trx) => {
      await trx.deleteFrom("squashed_images").execute();
      await trx
        .updateTable("blobs")
        .set({ state: "deleting" })
        .where("digest", "=", layer)
        .execute();
    });
    assert.equal(await pullLayer(registry), layer);
    const row = await blobRow(registry, layer);
    assert.equal(row.state, "live");
    assert.notEqual(row.key, key);
  });
});

interface Manifest {
  readonly layers: readonly [{ readonly digest: string; readonly size: number }];
}

async function pushImage(registry: TestRegistry): Promise<void> {
  await registry.pushImage("team/app", "latest", smallImage());
  await registry.change("team/app", { squashCompression: "gzip" });
}

/** @returns the digest of the one layer of the squashed image; all of it was there */
async function pullLayer(registry: TestRegistry): Promise<string> {
  const manifest = await registry.admin.get("/v2/team/app/manifests/latest.squash");
  assert.equal(manifest.status, 200);
  const { layers } = JSON.parse(manifest.body.toString()) as Manifest; // as the registry makes them
  assert.equal(layers.length, 1);
  const [{ digest, size }] = layers;
  const blob = await registry.admin.get(`/v2/team/app/blobs/${digest}`);
  assert.equal(blob.status, 200);
  assert.equal(blob.body.length, size);
  return digest;
}

async function blobRow(
  { database }: TestRegistry,
  digest: string,
): Promise<{ key: string; state: string; touched_at: number }> {
  return await database.read
    .selectFrom("blobs")
    .select(["key", "state", "touched_at"])
    .where("digest", "=", digest)
    .executeTakeFirstOrThrow();
}
