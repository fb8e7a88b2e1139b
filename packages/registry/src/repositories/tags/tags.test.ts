// Long because it is one thing: the life of tags as clients of the API see it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import type { TestImage } from "../../testing/test-image.ts";
import { everyRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";
import { expireTags } from "./expire-tags.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TAG = "/repository/team/app/tag";
const [A, B, C] = [smallImage("a"), smallImage("b"), smallImage("c")];

everyRegistry((start) => {
  /** A registry whose clock the test moves, with three images and the tag v1. */
  async function opened(): Promise<{
    readonly registry: TestRegistry;
    readonly api: ApiClient;
    readonly later: (milliseconds: number) => void;
    readonly now: () => number;
    readonly [Symbol.asyncDispose]: () => Promise<void>;
  }> {
    let moved = 0;
    const now = (): number => Date.now() + moved;
    const registry = await start({ now });
    await registry.pushImage("team/app", "v1", A);
    await registry.pushImage("team/app", digestOf(B), B);
    await registry.pushImage("team/app", digestOf(C), C);
    return {
      registry,
      api: new ApiClient(registry.admin),
      later: (milliseconds) => (moved += milliseconds),
      now,
      [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
    };
  }

  test("a tag is created, moved, deleted and taken back, and its history tells by whom", async () => {
    await using world = await opened();
    const { api, registry, later } = world;
    const bob = await registry.user("bob");
    await registry.permit("bob", "team/app", "write");
    const his = new ApiClient(bob);

    const created = await api.put(`${TAG}/v2`, { manifest_digest: digestOf(B) });
    assert.equal(created.status, 201);
    assert.equal(created.json, "Updated");
    const move = async (digest: string, client = api) =>
      (await client.put(`${TAG}/v2?detail=true`, { manifest_digest: digest })).json;
    later(1000);
    assert.deepEqual(await move(digestOf(C), his), {
      tag: "v2",
      status: "moved",
      manifest_digest: digestOf(C),
      moved_from: digestOf(B),
    });
    assert.equal((await move(digestOf(C))).status, "unchanged");
    later(1000);
    assert.equal((await his.delete(`${TAG}/v2`)).status, 204);
    assert.equal((await his.delete(`${TAG}/v2`)).outcome, "404 MANIFEST_UNKNOWN");
    const gone = await registry.admin.get("/v2/team/app/manifests/v2");
    assert.equal(gone.outcome, "404 MANIFEST_UNKNOWN");
    assert.match(gone.body.toString(), /Tag v2 was deleted or has expired. To pull, revive via/);
    later(1000);
    const restored = await api.post(`${TAG}/v2/restore`, { manifest_digest: digestOf(B) });
    assert.deepEqual([restored.status, restored.json], [200, {}]);
    assert.equal(await pulled(registry, "v2"), digestOf(B));

    const { json } = await api.get(`${TAG}?specificTag=v2`);
    assert.deepEqual(json.tags.map(told), [
      [digestOf(B), true, "admin", undefined, undefined],
      [digestOf(C), false, "bob", "bob", "deleted"],
      [digestOf(B), false, "admin", "bob", "moved"],
    ]);
    const [latest, middle, first] = json.tags;
    assert.equal(first.ended_at, middle.started_at);
    assert.equal(first.end_ts, Math.floor(Date.parse(first.ended_at) / 1000));
    assert.match(latest.last_modified, /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} -0000$/);
    assert.ok(Date.parse(first.restorable_until) > world.now());
    assert.equal(latest.restorable_until, undefined);
    assert.deepEqual([json.page, json.has_additional, json.next_page], [1, false, undefined]);
    assert.equal(latest.size, sizeOf(B));
  });

  test("what cannot be done is refused, naming the field", async () => {
    await using world = await opened();
    const { api } = world;
    const unknown = `sha256:${"0".repeat(64)}`;
    const put = async (tag: string, body: object) => (await api.put(`${TAG}/${tag}`, body)).outcome;
    assert.equal(await put("v2", { manifest_digest: unknown }), "404 MANIFEST_UNKNOWN");
    assert.equal(await put("v2", { manifest_digest: "latest" }), "400 PARAMETER_INVALID");
    assert.equal(await put(".v2", { manifest_digest: digestOf(A) }), "400 TAG_INVALID");
    assert.equal(await put("none", { expiration: 4_000_000_000 }), "404 MANIFEST_UNKNOWN");
    assert.equal(await put("v1", { expiration: 1000 }), "400 PARAMETER_INVALID");
    assert.equal(await put("v1", { expiration: "soon" }), "400 PARAMETER_INVALID");
    assert.equal(await put("v1", {}), "400 PARAMETER_INVALID");
    const restored = await api.post(`${TAG}/v1/restore`, { manifest_digest: unknown });
    assert.equal(restored.outcome, "404 MANIFEST_UNKNOWN");
    for (const query of [
      "sort=size",
      "at=yesterday",
      "filter_tag_name=v1",
      "filter_regex=(",
      "next_page=x",
      "page=9000",
    ]) {
      assert.equal((await api.get(`${TAG}?${query}`)).outcome, "400 PARAMETER_INVALID", query);
    }
  });

  test("lists are filtered, sorted and paged, and answer for any time", async () => {
    await using world = await opened();
    const { api, registry, later, now } = world;
    for (const [index, name] of ["alpha", "beta", "gamma", "delta"].entries()) {
      later(1000);
      await api.put(`${TAG}/${name}`, { manifest_digest: digestOf(index % 2 === 0 ? B : C) });
    }
    later(1000);
    const then = now();
    later(1000);
    await api.put(`${TAG}/alpha`, { manifest_digest: digestOf(A) });
    await api.delete(`${TAG}/beta`);
    const names = async (query: string): Promise<string[]> => {
      const { json, outcome } = await api.get(`${TAG}?${query}`);
      assert.equal(outcome, "200", query);
      return json.tags.map(({ name }: { name: string }) => name);
    };
    const active = "onlyActiveTags=true";
    assert.deepEqual(await names(active), ["alpha", "delta", "gamma", "v1"]);
    assert.deepEqual(await names(`${active}&sort=name`), ["alpha", "delta", "gamma", "v1"]);
    assert.deepEqual(await names(`${active}&sort=name&order=desc`), [
      "v1",
      "gamma",
      "delta",
      "alpha",
    ]);
    assert.equal((await names(`${active}&sort=size`)).length, 4);
    assert.deepEqual(await names("filter_tag_name=like:LT"), ["delta"]);
    assert.deepEqual(await names("filter_tag_name=eq:alpha"), ["alpha", "alpha"]);
    assert.deepEqual(await names(`filter_regex=${encodeURIComponent("^[ag].*a$")}&${active}`), [
      "alpha",
      "gamma",
    ]);
    assert.equal((await names("")).length, 6);

    // Page by page, both ways, everything comes once.
    for (const sort of ["sort=name", "sort=last_modified", `${active}&sort=size`]) {
      const all = await names(sort);
      const some: string[] = [];
      for (let next = ""; ;) {
        const { json } = await api.get(`${TAG}?${sort}&limit=2${next}`);
        some.push(...json.tags.map(({ name }: { name: string }) => name));
        assert.equal(json.has_additional, json.next_page !== undefined);
        if (json.next_page === undefined) break;
        next = `&next_page=${json.next_page}`;
      }
      assert.deepEqual(some, all, sort);
      assert.deepEqual(
        [...(await names(`${sort}&limit=3`)), ...(await names(`${sort}&limit=3&page=2`))],
        all,
      );
    }

    const past = await api.get(`${TAG}?at=${new Date(then).toISOString()}`);
    assert.deepEqual(
      past.json.tags.map(({ name, manifest_digest }: Record<string, string>) => [
        name,
        manifest_digest,
      ]),
      [
        ["alpha", digestOf(B)],
        ["beta", digestOf(C)],
        ["delta", digestOf(C)],
        ["gamma", digestOf(B)],
        ["v1", digestOf(A)],
      ],
    );
    assert.equal(past.json.complete, true);
    assert.deepEqual(await names(`at=${(then - 3500) / 1000}&limit=1`), ["alpha"]);
    assert.deepEqual(await names(`at=${then / 1000}&specificTag=beta`), ["beta"]);
    assert.deepEqual(await names("at=1000"), []);
    assert.equal((await api.get(`${TAG}?at=1000`)).json.complete, false);
    assert.equal((await registry.admin.get("/v2/team/app/tags/list")).status, 200);
  });

  test("an index tells of its images", async () => {
    await using world = await opened();
    const { api, registry } = world;
    const index = await registry.pushIndex("team/app", "multi", {
      "linux/amd64": A,
      "linux/arm64": smallImage("arm", { architecture: "arm64" }),
    });
    await registry.settled();
    const { json } = await api.get(`${TAG}?specificTag=multi`);
    const [tag] = json.tags;
    assert.equal(tag.manifest_digest, index.descriptor.digest);
    assert.equal(tag.is_manifest_list, true);
    assert.deepEqual(
      [tag.child_manifest_count, tag.present_child_count, tag.is_sparse],
      [2, 2, false],
    );
    assert.deepEqual(tag.platforms.toSorted(), ["linux/amd64", "linux/arm64"]);
    assert.ok(tag.size > sizeOf(A));
  });

  test("a tag expires to the moment, however that was said, and comes back with it", async () => {
    await using world = await opened();
    const { api, registry, later, now } = world;
    const hours = (count: number): number => Math.floor((now() + count * HOUR) / 1000);
    const inTwo = hours(2);
    assert.equal((await api.put(`${TAG}/v1`, { expiration: inTwo })).status, 201);
    const shown = await api.get(`${TAG}?specificTag=v1`);
    assert.equal(shown.json.tags[0].end_ts, inTwo);
    assert.equal(shown.json.tags[0].ended_at, undefined);
    // Sooner than an hour is an hour.
    const soon = await api.put(`${TAG}/v1?detail=true`, { expiration: hours(0) + 5 });
    assert.ok(Date.parse(soon.json.expiration) > now() + HOUR - 60_000);

    const labels = { config: { config: { Labels: { "quay.expires-after": "3h" } } } };
    const labelled = smallImage("labelled", labels);
    await registry.pushImage("team/app", "labelled", labelled);
    await registry.settled();
    const [byLabel] = (await api.get(`${TAG}?specificTag=labelled`)).json.tags;
    assert.equal(byLabel.end_ts, byLabel.start_ts + 3 * 3600);

    const annotated = smallImage("annotated", {
      manifest: { annotations: { "quay.expires-after": "30m" } },
    });
    await registry.pushImage("team/app", "brief", annotated);
    assert.equal(await pulled(registry, "brief"), digestOf(annotated));
    assert.equal((await registry.admin.get("/v2/team/app/tags/list")).status, 200);
    later(29 * 60_000);
    // Pushed once more, its time begins anew.
    await registry.pushManifest("team/app", "brief", annotated.manifest);
    later(29 * 60_000);
    assert.equal(await pulled(registry, "brief"), digestOf(annotated));
    assert.equal(await pulled(registry, "v1"), digestOf(A));
    later(5 * 60_000);
    assert.equal(await pulled(registry, "brief"), undefined);
    assert.equal(await pulled(registry, "v1"), undefined);
    assert.equal(
      (await registry.admin.get("/v2/team/app/manifests/v1.squash")).outcome,
      "404 MANIFEST_UNKNOWN",
    );
    assert.equal(
      (await registry.admin.get("/c1/squash/team/app/v1")).outcome,
      "404 MANIFEST_UNKNOWN",
    );
    const left = (await registry.admin.get("/v2/team/app/tags/list")).json["tags"];
    assert.deepEqual(left, ["labelled"]);
    const active = (await api.get(`${TAG}?onlyActiveTags=true`)).json.tags;
    assert.deepEqual(active.map(told), [
      [digestOf(labelled), false, "admin", undefined, undefined],
    ]);
    const [dead] = (await api.get(`${TAG}?specificTag=v1`)).json.tags;
    assert.equal(dead.end_kind, "expired");
    assert.equal((await api.delete(`${TAG}/v1`)).outcome, "404 MANIFEST_UNKNOWN");

    const { database } = registry;
    assert.equal(await expireTags(database, now), 2);
    assert.equal(await expireTags(database, now), 0);
    const [closed] = (await api.get(`${TAG}?specificTag=v1`)).json.tags;
    assert.deepEqual({ ...closed, restorable_until: "" }, { ...dead, restorable_until: "" });

    // It would be gone again at once, so a time that is past does not come back; one that is to come does.
    const back = await api.post(`${TAG}/v1/restore?detail=true`, { manifest_digest: digestOf(A) });
    assert.equal(back.json.expiration, null);
    const inFive = hours(5);
    await api.put(`${TAG}/v1`, { expiration: inFive });
    await api.put(`${TAG}/v1`, { manifest_digest: digestOf(B) });
    const again = await api.post(`${TAG}/v1/restore?detail=true`, { manifest_digest: digestOf(A) });
    assert.equal(Date.parse(again.json.expiration), inFive * 1000);
    await api.put(`${TAG}/v1`, { expiration: null });
    later(DAY);
    assert.equal(await pulled(registry, "v1"), digestOf(A));
  });

  test("what is deleted for good leaves no history, and its space is reclaimed", async () => {
    await using world = await opened();
    const { api, registry } = world;
    await api.put(`${TAG}/v1`, { manifest_digest: digestOf(B) });
    const expire = (digest: string, more: object = {}) =>
      api.post(`${TAG}/v1/expire`, { manifest_digest: digest, ...more });
    assert.equal((await expire(digestOf(C))).outcome, "404 MANIFEST_UNKNOWN");
    assert.equal((await expire(digestOf(B))).outcome, "409 CONFLICT");
    assert.equal((await expire(digestOf(A))).status, 200);
    assert.equal((await expire(digestOf(B), { is_alive: true })).status, 200);
    assert.deepEqual((await api.get(`${TAG}?specificTag=v1`)).json.tags, []);
    const head = async (image: TestImage) =>
      (await registry.admin.head(`/v2/team/app/manifests/${digestOf(image)}`)).status;
    assert.deepEqual([await head(A), await head(B), await head(C)], [404, 404, 200]);

    // Of an index everything goes but what something else needs.
    await registry.pushImage("team/app", "kept", A);
    const index = await registry.pushIndex("team/app", "multi", {
      "linux/amd64": A,
      "linux/arm64": B,
    });
    const answer = await api.post(`${TAG}/multi/expire`, {
      manifest_digest: index.descriptor.digest,
      include_submanifests: true,
      is_alive: true,
    });
    assert.equal(answer.status, 200);
    assert.deepEqual([await head(A), await head(B)], [200, 404]);
  });

  test("many operations go in one request, each with its result or all or nothing", async () => {
    await using world = await opened();
    const { api, registry } = world;
    const bob = new ApiClient(await registry.user("bob"));
    await registry.permit("bob", "team/app", "write");
    const bulk = "/repository/team/app/tags:bulk";
    const digest = digestOf(B);
    const operations = [
      { action: "add", tag: "x1", manifest_digest: digest },
      { action: "add", tag: "v1", manifest_digest: digest },
      { action: "move", tag: "v1", manifest_digest: digest },
      { action: "delete", tag: "none" },
      { action: "immutable", tag: "x1", immutable: true },
      { action: "delete", tag: "x1" },
      { action: "immutable", tag: "x1", immutable: false },
      { action: "restore", tag: "v1", manifest_digest: digestOf(A) },
      { action: "expire", tag: "v1", expiration: 4_000_000_000 },
      { action: "permanent", tag: "v1", manifest_digest: digest },
    ];
    const { json } = await bob.post(bulk, { operations });
    assert.deepEqual([json.succeeded, json.failed], [6, 4]);
    assert.deepEqual(
      json.results.map(
        ({ status, error }: { status: string; error: { code: string } }) => status ?? error.code,
      ),
      [
        "created",
        "CONFLICT",
        "moved",
        "MANIFEST_UNKNOWN",
        "updated",
        "TAG_IMMUTABLE",
        "DENIED",
        "moved",
        "updated",
        "deleted",
      ],
    );
    assert.equal(json.results[2].moved_from, digestOf(A));
    const all = { all_or_nothing: true };
    const refused = await api.post(bulk, { operations: operations.slice(2, 4), ...all });
    assert.equal(refused.outcome, "404 MANIFEST_UNKNOWN");
    assert.equal(refused.json.field, "operations.1");
    assert.equal(await pulled(registry, "v1"), digestOf(A));
    const lifted = [
      { action: "immutable", tag: "x1", immutable: false },
      { action: "delete", tag: "x1" },
    ];
    assert.equal((await bob.post(bulk, { operations: lifted, ...all })).outcome, "403 DENIED");
    assert.equal((await api.post(bulk, { operations: lifted, ...all })).json.succeeded, 2);
    const many = Array.from({ length: 150 }, (_, index) => ({
      action: "add",
      tag: `many-${index}`,
      manifest_digest: digest,
    }));
    assert.equal((await api.post(bulk, { operations: many })).json.succeeded, 150);
    assert.equal(
      (await api.post(bulk, { operations: Array(1001).fill(many[0]) })).outcome,
      "400 PARAMETER_INVALID",
    );
  });

  test("the audit log tells of every change of a tag", async () => {
    await using world = await opened();
    const { api, registry } = world;
    await api.put(`${TAG}/v2`, { manifest_digest: digestOf(B) });
    await api.put(`${TAG}/v2`, { manifest_digest: digestOf(C) });
    await api.put(`${TAG}/v2`, { expiration: 4_000_000_000 });
    await api.put(`${TAG}/v2`, { expiration: null, immutable: true });
    await api.put(`${TAG}/v2`, { immutable: false });
    await api.post(`${TAG}/v2/restore`, { manifest_digest: digestOf(B) });
    await registry.admin.delete("/v2/team/app/manifests/v2");
    await api.post(`${TAG}/v2/expire`, { manifest_digest: digestOf(B) });
    await registry.settled();
    const rows = await registry.database.read
      .selectFrom("audit_log")
      .select(["kind", "performer", "metadata"])
      .where("repository", "=", "team/app")
      .where("kind", "not in", ["push_repo", "create_repo", "pull_repo"])
      .orderBy("id")
      .execute();
    const kinds = rows.filter(({ metadata }) => metadata.includes('"v2"')).map(({ kind }) => kind);
    assert.deepEqual(kinds, [
      "create_tag",
      "move_tag",
      "change_tag_expiration",
      "change_tag_expiration",
      "change_tag_immutability",
      "change_tag_immutability",
      "revert_tag",
      "delete_tag",
      "permanently_delete_tag",
    ]);
    assert.ok(rows.every(({ performer }) => performer === "admin"));
  });
});

function digestOf({ manifest }: TestImage): string {
  return manifest.descriptor.digest;
}

function sizeOf({ blobs }: TestImage): number {
  return blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
}

/** The digest that a tag is served with; undefined: it is not. */
async function pulled(registry: TestRegistry, tag: string): Promise<string | undefined> {
  const { status, headers } = await registry.admin.get(`/v2/team/app/manifests/${tag}`);
  return status === 200 ? String(headers["docker-content-digest"]) : undefined;
}

function told(tag: Readonly<Record<string, unknown>>): unknown[] {
  const {
    manifest_digest: digest,
    reversion,
    started_by: by,
    ended_by: ender,
    end_kind: kind,
  } = tag;
  return [digest, reversion, by, ender, kind];
}
