import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { OPERATOR } from "../../accounts/admin/actor.ts";
import { openDatabase } from "../../database/open-database.ts";
import { everyDatabase } from "../../database/testing/every-database.ts";
import { HOUR, TestRegistry } from "../../garbage/testing/test-registry.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { openTestFolder } from "../../storage/testing/every-blob-store.ts";
import { hideBlob } from "../repository-blob-store.ts";
import { restoreTagIn } from "./restore-tag.ts";

const ROUNDS = 4;

suite("a tag is taken back while collection runs", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    test("it is there with all its blobs, or it is refused", async () => {
      await using database = await openTestDatabase();
      await using other = await openDatabase(database.options);
      await using store = await openTestFolder();
      const registry = new TestRegistry(database, store);
      const id = await registry.createRepository("app");
      const repository = {
        id,
        name: "app-owner/app",
        namespaceId: 1,
        namespace: "app-owner",
        visibility: "private",
        state: "normal",
        squashAtPush: false,
        squashCompression: "none",
      } as const;
      const outcomes = new Set<string>();
      for (let round = 0; round < ROUNDS; round++) {
        // Several, so that some come before collection and some behind it.
        const images = await Promise.all(
          Array.from({ length: 4 }, async (_, number) => {
            const name = `${round}-${number}`;
            const blobs = [
              await registry.pushBlob(id, name),
              await registry.pushBlob(id, "shared"),
            ];
            const child = await registry.pushManifest(id, { blobs });
            assert.ok(child !== undefined);
            const digest = await registry.pushManifest(id, { children: [child] }, name);
            assert.ok(digest !== undefined);
            return { name, blobs, child, digest };
          }),
        );
        for (const { digest, child, blobs } of images) {
          await registry.deleteManifest(id, digest);
          await registry.deleteManifest(id, child);
          await database.transaction(async (trx) => {
            for (const blob of blobs) await hideBlob(trx, id, blob, registry.now);
          });
        }
        registry.later();
        const [report, ...results] = await Promise.all([
          registry.collect(),
          ...images.map(async ({ name, digest }) => {
            // Spread over the steps of the collection.
            for (let turn = Number(name.split("-")[1]) * round; turn > 0; turn--) {
              await other.read.selectFrom("tags").select("id").limit(1).execute();
            }
            return restored(
              other.transaction((trx) =>
                restoreTagIn(trx, OPERATOR, repository, name, digest, registry.now),
              ),
            );
          }),
        ]);
        assert.deepEqual(report.errors, { count: 0, first: [] });
        const expectWhole = async (): Promise<void> => {
          for (const [number, { child, name }] of images.entries()) {
            if (results[number] !== "restored") continue;
            assert.ok(await registry.isImageWhole(id, child), name);
            const hidden = await database.read
              .selectFrom("repository_blobs as link")
              .innerJoin("manifest_blobs as needed", "needed.blob_digest", "link.digest")
              .select("link.digest")
              .where("needed.manifest_digest", "=", child)
              .where("link.deleted_at", "is not", null)
              .execute();
            assert.deepEqual(hidden, [], name);
          }
        };
        await expectWhole();
        registry.later(2 * HOUR);
        await registry.collect();
        await expectWhole();
        for (const result of results) outcomes.add(result);
        for (const { name } of images) await registry.deleteTag(id, name);
      }
      assert.deepEqual(
        [...outcomes].filter((outcome) => !["restored", "MANIFEST_UNKNOWN"].includes(outcome)),
        [],
      );
      assert.ok(outcomes.has("restored"));
    });
  });
});

async function restored(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "restored";
  } catch (error) {
    if (error instanceof RegistryError) return error.code;
    throw error;
  }
}
