import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../testing/api-client.ts";
import { smallImage } from "../testing/test-image.ts";
import { everyRegistry } from "../testing/test-registry.ts";
import { pullDays } from "./pull-days.ts";

const image = smallImage("pulled");
const { digest } = image.manifest.descriptor;

everyRegistry((start) => {
  test("pulls are counted by tag and manifest, and are there after a restart", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "v1", image);
    await registry.pushManifest("team/app", "v2", image.manifest);
    await registry.settled();
    const { admin } = registry;
    const manifest = (reference: string): string => `/v2/team/app/manifests/${reference}`;
    const before = Date.now();
    await admin.get(manifest("v1"));
    await admin.get(manifest("v1"), { headers: { "if-none-match": `"${digest}"` } });
    await admin.get(manifest(digest));
    await admin.get(manifest("none"));
    await admin.head(manifest(digest));
    // containerd asks what a tag is, and pulls it by its digest.
    await admin.head(manifest("v2"));
    await admin.get(manifest(digest));
    await admin.get(manifest(digest));
    // A squashed image counts for the one it was made of.
    assert.equal((await admin.get(manifest("v1.squash"))).status, 200);
    const download = await admin.get("/c1/squash/team/app/v1");
    assert.equal(download.status, 200);
    const part = { headers: { range: "bytes=0-99" } };
    assert.equal((await admin.get("/c1/archive/team/app/v2", part)).status, 206);
    const rest = { headers: { range: "bytes=100-199" } };
    assert.equal((await admin.get("/c1/archive/team/app/v2", rest)).status, 206);
    await admin.head("/c1/squash/team/app/v1");
    await registry.restart();

    const api = new ApiClient(registry.admin);
    const v1 = (await api.get("/repository/team/app/tag/v1/pull_statistics")).json;
    assert.equal(v1.tag_name, "v1");
    assert.equal(v1.tag_pull_count, 4);
    assert.equal(v1.current_manifest_digest, digest);
    assert.equal(v1.manifest_pull_count, 8);
    assert.match(v1.last_tag_pull_date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d -0000$/);
    assert.ok(Date.parse(v1.last_tag_pull_date) >= Math.floor(before / 1000) * 1000);
    const v2 = (await api.get("/repository/team/app/tag/v2/pull_statistics")).json;
    assert.equal(v2.tag_pull_count, 2);
    assert.deepEqual(
      (await api.get(`/repository/team/app/manifest/${digest}/pull_statistics`)).json,
      {
        manifest_digest: digest,
        manifest_pull_count: 8,
        last_manifest_pull_date: v1.last_manifest_pull_date,
      },
    );
    const unknown = await api.get("/repository/team/app/tag/none/pull_statistics");
    assert.equal(unknown.outcome, "404 MANIFEST_UNKNOWN");

    // Another replica adds to it.
    await registry.admin.get(manifest("v1"));
    await registry.restart();
    const again = new ApiClient(registry.admin);
    const more = (await again.get("/repository/team/app/tag/v1/pull_statistics")).json;
    assert.equal(more.tag_pull_count, 5);
    const { id } = await registry.database.read
      .selectFrom("repositories")
      .select("id")
      .where("name", "=", "team/app")
      .executeTakeFirstOrThrow();
    const days = await pullDays(registry.database.read, id, 3, Date.now());
    assert.equal(days.length, 3);
    assert.equal(
      days.reduce((sum, { pulls }) => sum + pulls, 0),
      9,
    );
    assert.equal(days[0]?.pulls, 0);
  });

  test("what was never pulled has no date", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "v1", image);
    const api = new ApiClient(registry.admin);
    const { json } = await api.get("/repository/team/app/tag/v1/pull_statistics");
    assert.equal(json.tag_pull_count, 0);
    assert.equal(json.last_tag_pull_date, null);
    assert.equal(json.manifest_pull_count, 0);
  });
});
