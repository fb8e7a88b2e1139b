import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import type { TestImage } from "../../testing/test-image.ts";
import { everyRegistry } from "../../testing/test-registry.ts";

const DAY = 24 * 3_600_000;
const APP = "/repository/team/app";
const [A, B, C] = [smallImage("a"), smallImage("b"), smallImage("c")];

everyRegistry((start) => {
  test("tags of a repository go back to what they were, as the preview has told", async () => {
    let moved = 0;
    const now = (): number => Date.now() + moved;
    await using registry = await start({ now });
    const api = new ApiClient(registry.admin);
    const later = (milliseconds = 1000): number => {
      moved += milliseconds;
      return now();
    };
    await registry.pushImage("team/app", "stays", A);
    await registry.pushImage("team/app", "moves", A);
    await registry.pushImage("team/app", "goes", B);
    await registry.pushImage("team/app", "protected", B);
    const expiration = Math.floor((now() + 10 * DAY) / 1000);
    await api.put(`${APP}/tag/goes`, { expiration });
    later();
    const then = later();
    later();
    await registry.pushImage("team/app", "moves", C);
    await registry.pushImage("team/app", "newer", C);
    await registry.pushImage("team/app", "protected", C);
    await api.put(`${APP}/tag/protected`, { immutable: true });
    // The image goes with all it has: its manifest and its blobs.
    assert.equal(
      (await registry.admin.delete(`/v2/team/app/manifests/${digestOf(B)}`)).status,
      202,
    );
    for (const { descriptor } of B.blobs) {
      const shared = [A, C].some(({ blobs }) =>
        blobs.some((blob) => blob.descriptor.digest === descriptor.digest),
      );
      const { status } = await registry.admin.delete(`/v2/team/app/blobs/${descriptor.digest}`);
      assert.equal(status, shared ? 405 : 202);
    }
    later();

    const travel = (body: object) => api.post(`${APP}/timemachine`, { at: then / 1000, ...body });
    const preview = await travel({ preview: true });
    assert.equal(preview.status, 200);
    assert.deepEqual(preview.json.changes, [
      {
        tag: "goes",
        action: "restore",
        from: null,
        to: digestOf(B),
        expiration: new Date(expiration * 1000).toISOString(),
      },
      { tag: "moves", action: "move", from: digestOf(C), to: digestOf(A) },
      { tag: "newer", action: "skip", from: digestOf(C), to: null, reason: "newer" },
      { tag: "protected", action: "skip", from: digestOf(C), to: digestOf(B), reason: "immutable" },
    ]);
    const { moved: moves, restored, deleted, skipped, unchanged, applied } = preview.json;
    assert.deepEqual([moves, restored, deleted, skipped, unchanged], [1, 1, 0, 2, 1]);
    assert.equal(applied, false);
    const before = (await api.get(`${APP}/tag`)).json.tags;
    const done = await travel({});
    assert.deepEqual(
      { ...done.json, window_start: "" },
      { ...preview.json, applied: true, window_start: "" },
    );
    assert.equal((await api.get(`${APP}/tag`)).json.tags.length, before.length + 2);
    for (const [tag, image] of [
      ["goes", B],
      ["moves", A],
      ["stays", A],
      ["newer", C],
    ] as const) {
      const { status, headers } = await registry.admin.get(`/v2/team/app/manifests/${tag}`);
      assert.deepEqual([status, headers["docker-content-digest"]], [200, digestOf(image)], tag);
      for (const { descriptor } of image.blobs) {
        assert.equal(
          (await registry.admin.get(`/v2/team/app/blobs/${descriptor.digest}`)).status,
          200,
        );
      }
    }
    const [back] = (await api.get(`${APP}/tag?specificTag=goes`)).json.tags;
    assert.deepEqual([back.reversion, back.end_ts], [true, expiration]);

    // Once more there is nothing to do but what was left.
    const again = await travel({ tags: ["goes", "moves", "newer", "unknown"], delete_newer: true });
    assert.deepEqual(again.json.changes, [
      { tag: "newer", action: "delete", from: digestOf(C), to: null },
    ]);
    assert.equal(again.json.unchanged, 3);

    // What is too long ago is named, and left alone.
    const early = await travel({ at: "2001-01-01T00:00:00Z", delete_newer: true });
    assert.deepEqual(
      early.json.changes.map(({ tag, action, reason }: Record<string, string>) => [
        tag,
        action,
        reason,
      ]),
      ["goes", "moves", "newer", "protected", "stays"].map((tag) => [tag, "skip", "out_of_window"]),
    );
    assert.equal((await travel({ at: (now() + DAY) / 1000 })).outcome, "400 PARAMETER_INVALID");
    assert.equal((await travel({ at: "now" })).outcome, "400 PARAMETER_INVALID");

    await registry.settled();
    const log = await registry.database.read
      .selectFrom("audit_log")
      .select(["kind", "metadata"])
      .where("kind", "in", ["restore_tags", "revert_tag"])
      .orderBy("id")
      .execute();
    assert.deepEqual(
      log.map(({ kind }) => kind),
      ["restore_tags", "restore_tags"],
    );
    const first = JSON.parse(log[0]?.metadata ?? "{}") as Record<string, unknown>;
    assert.deepEqual([first["tags"], first["deleted_tags"]], [["goes", "moves"], []]);
  });

  test("an index comes back with all its images", async () => {
    let moved = 0;
    await using registry = await start({ now: () => Date.now() + moved });
    const api = new ApiClient(registry.admin);
    const index = await registry.pushIndex("team/app", "multi", {
      "linux/amd64": A,
      "linux/arm64": B,
    });
    const then = Date.now() + moved;
    moved += 1000;
    for (const digest of [index.descriptor.digest, digestOf(A), digestOf(B)]) {
      await registry.admin.delete(`/v2/team/app/manifests/${digest}`);
    }
    moved += 1000;
    const { json } = await api.post(`${APP}/timemachine`, { at: then / 1000, tags: ["multi"] });
    assert.equal(json.restored, 1);
    for (const reference of ["multi", digestOf(A), digestOf(B)]) {
      assert.equal((await registry.admin.get(`/v2/team/app/manifests/${reference}`)).status, 200);
    }
  });
});

function digestOf({ manifest }: TestImage): string {
  return manifest.descriptor.digest;
}
