import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { everyRegistry } from "../../testing/test-registry.ts";

const image = smallImage("labelled", {
  config: { config: { Labels: { team: "core", tier: "web", "quay.expires-after": "2w" } } },
  manifest: { annotations: { "org.opencontainers.image.title": "App" } },
});
const { digest } = image.manifest.descriptor;

interface Shown {
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly source_type: string;
}

everyRegistry((start) => {
  test("labels are listed, added and removed as in Quay", async () => {
    await using registry = await start();
    const api = new ApiClient(registry.admin);
    await registry.pushImage("team/app", "v1", image);
    await registry.settled();
    const path = `/repository/team/app/manifest/${digest}/labels`;
    const keys = async (query: string): Promise<string[]> => {
      const { json } = await api.get(path + query);
      return json.labels.map(({ key }: Shown) => key);
    };
    const pushed = ["org.opencontainers.image.title", "quay.expires-after", "team", "tier"];
    assert.deepEqual(await keys(""), pushed);
    assert.deepEqual(await keys("?filter=t"), ["team", "tier"]);
    assert.deepEqual(await keys("?filter=%25"), []);

    const added = await api.post(path, {
      key: "stage",
      value: '{"at":"test"}',
      media_type: null,
      more: "ignored",
    });
    assert.equal(added.status, 201);
    const { id } = added.json.label;
    assert.equal(added.headers["location"], `/api/v1${path}/${id}`);
    assert.deepEqual(added.json.label, {
      id,
      key: "stage",
      value: '{"at":"test"}',
      source_type: "api",
      media_type: "application/json",
    });
    assert.deepEqual((await api.get(`${path}/${id}`)).json, added.json.label);
    assert.deepEqual((await api.get("/repository/team/app/manifest/v1/labels?filter=stage")).json, {
      labels: [added.json.label],
    });

    const first = await api.get(`${path}?limit=2`);
    const second = await api.get(`${path}?limit=2&next_page=${first.json.next_page}`);
    const third = await api.get(`${path}?limit=2&next_page=${second.json.next_page}`);
    assert.deepEqual(
      [first, second, third].map(({ json }) => json.labels.map(({ key }: Shown) => key)),
      [["org.opencontainers.image.title", "quay.expires-after"], ["stage", "team"], ["tier"]],
    );
    assert.equal(third.json.next_page, undefined);

    for (const [body, outcome, field] of [
      [{ key: "Stage", value: "x" }, "400 PARAMETER_INVALID", "key"],
      [{ key: "a..b", value: "x" }, "400 PARAMETER_INVALID", "key"],
      [{ key: "", value: "x" }, "400 PARAMETER_INVALID", "key"],
      [{ key: "io.k8s.x", value: "x" }, "400 PARAMETER_INVALID", "key"],
      [{ key: "k", value: "a\0b" }, "400 PARAMETER_INVALID", "value"],
      [{ key: "k", value: 3 }, "400 PARAMETER_INVALID", "value"],
      [{ key: "k" }, "400 PARAMETER_INVALID", "value"],
      [{ key: "k", value: "x", media_type: "text/html" }, "400 PARAMETER_INVALID", "media_type"],
      [{ key: "k", value: "{", media_type: "application/json" }, "400 PARAMETER_INVALID", "value"],
      [{ key: "quay.expires-after", value: "soon" }, "400 PARAMETER_INVALID", "value"],
    ] as const) {
      const wrong = await api.post(path, body);
      assert.equal(wrong.outcome, outcome, JSON.stringify(body));
      assert.equal(wrong.json.field, field);
    }

    const all: readonly Shown[] = (await api.get(path)).json.labels;
    const team = all.find(({ key }) => key === "team")?.id;
    assert.equal((await api.delete(`${path}/${team}`)).outcome, "400 PARAMETER_INVALID");
    assert.equal((await api.delete(`${path}/${id}`)).status, 204);
    assert.equal((await api.delete(`${path}/${id}`)).outcome, "404 NOT_FOUND");
    assert.equal((await api.get(`${path}/%2e%2e`)).outcome, "404 NOT_FOUND");
    assert.deepEqual(await keys(""), pushed);

    const reader = new ApiClient(await registry.user("rita"));
    assert.equal((await reader.get(path)).outcome, "404 NAME_UNKNOWN");
    await registry.permit("rita", "team/app", "read");
    assert.equal((await reader.get(path)).status, 200);
    assert.equal((await reader.post(path, { key: "a", value: "b" })).outcome, "403 DENIED");
    await registry.settled();
    const kinds = await registry.database.read
      .selectFrom("audit_log")
      .select(["kind", "performer", "metadata"])
      .where("kind", "like", "manifest_label%")
      .orderBy("id")
      .execute();
    assert.deepEqual(
      kinds.map(({ kind, performer }) => [kind, performer]),
      [
        ["manifest_label_add", "admin"],
        ["manifest_label_delete", "admin"],
      ],
    );
    const told = JSON.parse(kinds[0]?.metadata ?? "{}") as { readonly [field: string]: unknown };
    assert.equal(told["manifest_digest"], digest);
    assert.equal(told["key"], "stage");
  });

  test("quay.expires-after makes tags expire: from the image, on every push, and by the API", async () => {
    await using registry = await start();
    const api = new ApiClient(registry.admin);
    const expiration = async (tag: string): Promise<number | null> => {
      const row = await registry.database.read
        .selectFrom("tags")
        .select(["started_at", "expires_at"])
        .where("name", "=", tag)
        .where("ended_at", "is", null)
        .executeTakeFirstOrThrow();
      return row.expires_at;
    };
    const days = (time: number | null): number =>
      Math.round(((time ?? 0) - Date.now()) / 86_400_000);
    await registry.pushImage("team/app", "v1", image);
    await registry.settled();
    assert.equal(days(await expiration("v1")), 14);
    // Quay forgot the label of an image that it knew already.
    await registry.pushManifest("team/app", "v2", image.manifest);
    await registry.settled();
    assert.equal(days(await expiration("v2")), 14);

    const plain = smallImage("plain");
    await registry.pushImage("team/app", "plain", plain);
    await registry.settled();
    assert.equal(await expiration("plain"), null);
    const path = `/repository/team/app/manifest/${plain.manifest.descriptor.digest}/labels`;
    const added = await api.post(path, {
      key: "quay.expires-after",
      value: "3d",
      media_type: null,
    });
    assert.equal(added.status, 201);
    assert.equal(days(await expiration("plain")), 3);
    assert.equal((await api.post(path, { key: "quay.immutable", value: "true" })).status, 201);
    assert.equal((await api.post(path, { key: "a", value: "b" })).outcome, "409 TAG_IMMUTABLE");
    assert.equal((await api.delete(`${path}/${added.json.label.id}`)).outcome, "409 TAG_IMMUTABLE");

    // An index takes over what all of its images say.
    const other = smallImage("other", {
      architecture: "arm64",
      config: { config: { Labels: { "quay.expires-after": "2w" } } },
    });
    await registry.pushIndex("team/app", "both", { "linux/amd64": image, "linux/arm64": other });
    await registry.pushIndex("team/app", "one", { "linux/amd64": image, "linux/arm64": plain });
    await registry.settled();
    assert.equal(days(await expiration("both")), 14);
    assert.equal(await expiration("one"), null);
  });
});
