// Long because it is one thing: a quota from its setting to the push that it refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../testing/api-client.ts";
import { blobOf, manifestOf, smallImage } from "../testing/test-image.ts";
import type { TestBlob, TestImage } from "../testing/test-image.ts";
import { everyRegistry } from "../testing/test-registry.ts";
import type { TestRegistry } from "../testing/test-registry.ts";

const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

/** An image of one layer of so many bytes, and a config of 20. */
function imageOf(bytes: number, name: string): Pick<TestImage, "blobs" | "manifest"> {
  const config = blobOf(`{"a":"${name}"}`.padEnd(20), CONFIG_TYPE);
  return manifestOf(config, [blobOf(name.repeat(bytes).slice(0, bytes), LAYER_TYPE)]);
}

function layerOf({ blobs }: Pick<TestImage, "blobs">): TestBlob {
  return blobs[1] ?? assert.fail();
}

everyRegistry((start) => {
  test("a quota and its limits are set, changed and removed as in Quay", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    const alice = new ApiClient(await registry.user("alice"));
    const quotas = "/organization/team/quota";
    assert.deepEqual((await admin.get(quotas)).json, []);
    const made = await admin.post(quotas, { limit: "10 GiB" });
    assert.deepEqual([made.status, made.json], [201, "Created"]);
    const again = await admin.post(quotas, { limit_bytes: 5 });
    assert.equal(again.outcome, "400 CONFLICT");
    assert.equal(again.json.error_message, "Quota for 'team' already exists");
    const [{ id }] = (await admin.get(quotas)).json;
    assert.deepEqual((await admin.get(`${quotas}/${id}`)).json, {
      id,
      limit_bytes: 10 * 1024 ** 3,
      limit: "10.0 GiB",
      default_config: false,
      limits: [],
      default_config_exists: false,
    });
    assert.equal(
      (await admin.put(`${quotas}/${id}`, { limit_bytes: 1000 })).json.limit_bytes,
      1000,
    );
    const limits = `${quotas}/${id}/limit`;
    for (const body of [
      { type: "Warning", threshold_percent: 80 },
      { type: "Warning", threshold_percent: 90 },
      { type: "Reject", threshold_percent: 100 },
    ]) {
      assert.equal((await admin.post(limits, body)).status, 201);
    }
    for (const [body, outcome, field] of [
      [{ type: "Reject", threshold_percent: 99 }, "400 CONFLICT", "type"],
      [{ type: "Warning", threshold_percent: 80 }, "400 CONFLICT", "threshold_percent"],
      [{ type: "Nothing", threshold_percent: 80 }, "400 PARAMETER_INVALID", "type"],
      [{ type: "Warning", threshold_percent: 0 }, "400 PARAMETER_INVALID", "threshold_percent"],
      [{ type: "Warning", threshold_percent: 101 }, "400 PARAMETER_INVALID", "threshold_percent"],
    ] as const) {
      const refused = await admin.post(limits, body);
      assert.deepEqual([refused.outcome, refused.json.field], [outcome, field]);
    }
    const [warning, , reject] = (await admin.get(limits)).json;
    assert.deepEqual((await admin.get(`${limits}/${warning.id}`)).json, {
      id: warning.id,
      type: "Warning",
      limit_percent: 80,
    });
    const changed = await admin.put(`${limits}/${warning.id}`, { threshold_percent: 70 });
    assert.equal(changed.json.limits[0].limit_percent, 70);
    const second = await admin.put(`${limits}/${warning.id}`, { type: "Reject" });
    assert.equal(second.outcome, "400 CONFLICT");
    assert.equal((await admin.delete(`${limits}/${reject.id}`)).status, 204);
    for (const path of [`${limits}/${reject.id}`, `${quotas}/999`, `${quotas}/x`, `${limits}/-1`]) {
      assert.equal((await admin.get(path)).outcome, "404 NOT_FOUND", path);
    }
    for (const body of [{}, { limit: "much" }, { limit_bytes: 0 }, { limit_bytes: -5 }]) {
      assert.equal((await admin.post("/superuser/users/alice/quota", body)).status, 400);
    }
    assert.equal((await alice.get(quotas)).outcome, "403 DENIED");
    assert.equal((await alice.put(`${quotas}/${id}`, { limit_bytes: 5 })).outcome, "403 DENIED");

    const users = "/superuser/users/alice/quota";
    assert.equal((await admin.post(users, { limit: "1 MB" })).status, 201);
    const [own] = (await alice.get("/user/quota")).json;
    assert.equal(own.limit_bytes, 1_000_000);
    assert.equal((await admin.put(`${users}/${own.id}`, { limit: "2MB" })).json.limit_bytes, 2e6);
    const limit = { type: "Reject", threshold_percent: 100 };
    assert.equal((await admin.post(`${users}/${own.id}/limit`, limit)).status, 201);
    assert.equal((await alice.get(`/user/quota/${own.id}/limit`)).json.length, 1);
    assert.equal((await alice.get(`/user/quota/${id}`)).outcome, "404 NOT_FOUND", "another's");
    assert.equal((await admin.delete(`${users}/${own.id}`)).status, 204);
    assert.equal((await admin.get("/superuser/users/nobody/quota")).status, 404);
    assert.equal((await admin.get("/superuser/users/team/quota")).status, 404);
    const organizations = "/superuser/organization/team/quota";
    assert.equal((await admin.get(organizations)).json[0].id, id);
    assert.equal((await admin.delete(`${organizations}/${id}`)).status, 204);
    assert.deepEqual((await admin.get(quotas)).json, []);
    await registry.settled();
    const log = await registry.database.read.selectFrom("audit_log").select("kind").execute();
    assert.equal(log.filter(({ kind }) => kind.includes("_quota")).length, 12);
  });

  test("distinct bytes count once; what can only be taken back is pending", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    const one = imageOf(1000, "one");
    const two = imageOf(500, "two");
    await registry.pushImage("team/a", "v1", one);
    await registry.pushImage("team/b", "v1", one);
    await registry.pushImage("team/b", "v2", two);
    assert.deepEqual(await usageOf(registry), { team: [1540, 0], a: [1020, 0], b: [1540, 0] });
    // Without its tag it could still be taken back.
    await admin.delete("/repository/team/b/tag/v1");
    assert.deepEqual(await usageOf(registry), { team: [1540, 0], a: [1020, 0], b: [520, 1020] });
    await admin.delete("/repository/team/a/tag/v1");
    assert.deepEqual(await usageOf(registry), { team: [520, 1020], a: [0, 1020], b: [520, 1020] });
    const restore = { manifest_digest: one.manifest.descriptor.digest };
    assert.equal((await admin.post("/repository/team/a/tag/v1/restore", restore)).status, 200);
    assert.deepEqual(await usageOf(registry), { team: [1540, 0], a: [1020, 0], b: [520, 1020] });
    // An index keeps its images, and an artifact goes with its subject.
    const index = await registry.pushIndex("team/c", "all", {
      "linux/amd64": smallImage("amd"),
      "linux/arm64": smallImage("arm"),
    });
    const whole = (await usageOf(registry))["c"]?.[0] ?? 0;
    assert.ok(whole > 0);
    const signature = manifestOf(
      blobOf("{}", CONFIG_TYPE),
      [blobOf("s".repeat(50), "text/plain")],
      {
        subject: index.descriptor,
      },
    );
    await registry.pushImage("team/c", signature.manifest.descriptor.digest, signature);
    assert.deepEqual((await usageOf(registry))["c"], [whole + 52, 0]);
    await admin.delete("/repository/team/c/tag/all");
    assert.deepEqual((await usageOf(registry))["c"], [0, whole + 52]);
    // A whole repository, and back.
    await admin.delete("/repository/team/b");
    assert.deepEqual((await usageOf(registry))["team"], [1020, 520 + whole + 52]);
    const report = (await admin.get("/repository/team/a")).json.quota_report;
    assert.deepEqual(report, {
      quota_bytes: 1020,
      configured_quota: null,
      pending_bytes: 0,
      running_backfill: "complete",
    });
    assert.equal((await admin.post("/superuser/registrysize")).status, 202);
    await registry.settled();
    const size = (await admin.get("/superuser/registrysize")).json;
    const { read } = registry.database;
    const blobs = await read.selectFrom("blobs").select("size").execute();
    assert.equal(
      size.size_bytes,
      blobs.reduce((sum, blob) => sum + blob.size, 0),
    );
    assert.ok(size.last_ran > 0 && !size.running && !size.queued);
  });

  test("a push is refused when the quota is used up, and goes on after a deletion", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    await setQuota(admin, 2000);
    const one = imageOf(1000, "one");
    const two = imageOf(900, "two");
    const three = imageOf(500, "three");
    await registry.pushImage("team/a", "v1", one);
    await registry.pushImage("team/a", "v2", two);
    await registry.settled();
    // 1940 bytes are used: what fits is taken, what does not is refused before it is stored.
    const { bytes, descriptor } = layerOf(three);
    const upload = "/v2/team/b/blobs/uploads/";
    const refused = await registry.admin.post(`${upload}?digest=${descriptor.digest}`, bytes);
    assert.equal(refused.outcome, "403 DENIED");
    assert.match(refused.body.toString(), /Quota has been exceeded on namespace/);
    assert.deepEqual(refused.detail, { namespace: "team", used: 1940, limit: 2000 });
    // In chunks, when nobody says how long it will be.
    const begun = await registry.admin.post(upload);
    assert.equal(begun.status, 202);
    const chunk = await registry.admin.ask("PATCH", String(begun.headers.location), {
      body: streamOf(bytes),
    });
    assert.equal(chunk.status, 202);
    const end = await registry.admin.put(
      `${String(chunk.headers.location)}?digest=${descriptor.digest}`,
      undefined,
    );
    assert.equal(end.outcome, "403 DENIED");
    const { objects, unfinished } = await registry.contents();
    assert.ok(!objects.some((key) => key.includes(descriptor.digest.slice(7))));
    assert.deepEqual(unfinished, []);
    // What is there already costs nothing more.
    await registry.pushImage("team/c", "v1", one);
    // Used up to the last byte: nothing new begins, but other tags of what is there are made.
    await registry.push("team/a", blobOf("x".repeat(60), LAYER_TYPE));
    assert.equal((await registry.admin.post(upload)).outcome, "403 DENIED");
    const first = await registry.admin.post("/v2/team/new/blobs/uploads/");
    assert.equal(first.outcome, "403 DENIED");
    assert.equal((await admin.get("/repository/team/new")).status, 404, "it leaves nothing behind");
    await registry.pushManifest("team/a", "v3", one.manifest);
    // Freed at deletion, not when it is collected.
    await admin.delete("/repository/team/a/tag/v2");
    await registry.settled();
    await registry.pushImage("team/b", "v1", three);
    const list = (await admin.get("/repository?namespace=team")).json.repositories;
    assert.partialDeepStrictEqual(list[0].quota_report, {
      configured_quota: 2000,
      pending_bytes: 920,
    });
    // Smaller by now than what is used: no manifest is taken any more, and everything is pulled.
    const [{ id }] = (await admin.get("/organization/team/quota")).json;
    await admin.put(`/organization/team/quota/${id}`, { limit_bytes: 100 });
    const manifest = await registry.admin.put("/v2/team/a/manifests/v4", one.manifest.bytes, {
      headers: { "content-type": one.manifest.descriptor.mediaType },
    });
    assert.equal(manifest.outcome, "403 DENIED");
    assert.equal((await registry.admin.get("/v2/team/a/manifests/v1")).status, 200);
    // Another namespace has nothing to do with it.
    await registry.organization("other");
    await registry.pushImage("other/a", "v1", three);
    await admin.delete(`/organization/team/quota/${id}`);
    await registry.pushImage("team/b", "v2", two);
  });

  test("what came since the last measurement counts", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    await setQuota(admin, 2000);
    await registry.pushImage("team/a", "v1", imageOf(100, "first"));
    await registry.settled();
    const outcomes: string[] = [];
    for (let at = 0; at < 10; at++) {
      const { bytes, descriptor } = blobOf(`${at}`.repeat(600), LAYER_TYPE);
      const path = `/v2/team/a/blobs/uploads/?digest=${descriptor.digest}`;
      outcomes.push((await registry.admin.post(path, bytes)).outcome);
    }
    assert.equal(outcomes.filter((outcome) => outcome === "201").length, 3);
    assert.equal(outcomes.filter((outcome) => outcome === "403 DENIED").length, 7);
  });

  test("admins are told once when a warning is passed", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    await setQuota(admin, 10_000);
    const [{ id }] = (await admin.get("/organization/team/quota")).json;
    const limit = { type: "Warning", threshold_percent: 10 };
    await admin.post(`/organization/team/quota/${id}/limit`, limit);
    const told = async (): Promise<string[]> => {
      await registry.settled();
      const { json } = await admin.get("/user/notifications");
      return json.notifications.map((n: { kind: string }) => n.kind);
    };
    await registry.pushImage("team/a", "v1", imageOf(500, "a"));
    assert.deepEqual(await told(), []);
    await registry.pushImage("team/a", "v2", imageOf(600, "b"));
    assert.deepEqual(await told(), ["quota_warning"]);
    await registry.pushImage("team/a", "v3", imageOf(700, "c"));
    assert.deepEqual(await told(), ["quota_warning"]);
  });

  test("a default quota holds for who has none, and restoring needs room", async () => {
    await using registry = await start({ config: { registry: { defaultQuota: 1500 } } });
    const admin = new ApiClient(registry.admin);
    const alice = new ApiClient(await registry.user("alice"));
    const [standard] = (await alice.get("/user/quota")).json;
    assert.deepEqual(standard, {
      id: 0,
      limit_bytes: 1500,
      limit: "1.5 KiB",
      default_config: true,
      limits: [{ id: 0, type: "Reject", limit_percent: 100 }],
      default_config_exists: true,
    });
    await registry.pushImage("alice/a", "v1", imageOf(1000, "one"));
    await registry.settled();
    const big = layerOf(imageOf(600, "two"));
    const path = `/v2/alice/a/blobs/uploads/?digest=${big.descriptor.digest}`;
    assert.equal((await registry.admin.post(path, big.bytes)).outcome, "403 DENIED");
    await alice.delete("/repository/alice/a");
    await registry.settled();
    await registry.pushImage("alice/b", "v1", imageOf(900, "three"));
    await registry.settled();
    const [{ id }] = (await alice.get("/deletedrepositories")).json.repositories;
    const restore = `/deletedrepositories/${id}/restore`;
    assert.equal((await alice.post(restore)).outcome, "403 QUOTA_EXCEEDED");
    assert.equal((await admin.post("/superuser/users/alice/quota", { limit: "1MB" })).status, 201);
    assert.equal((await alice.post(restore)).status, 200);
    // Its own quota has no limit that refuses.
    assert.equal((await registry.admin.post(path, big.bytes)).status, 201);
  });
});

async function setQuota(admin: ApiClient, bytes: number): Promise<void> {
  assert.equal((await admin.post("/organization/team/quota", { limit_bytes: bytes })).status, 201);
  const [{ id }] = (await admin.get("/organization/team/quota")).json;
  const limit = { type: "Reject", threshold_percent: 100 };
  assert.equal((await admin.post(`/organization/team/quota/${id}/limit`, limit)).status, 201);
}

/** What can be pulled and what is pending: of the namespace and of its repositories by their short names. */
async function usageOf(
  registry: TestRegistry,
): Promise<Readonly<Record<string, readonly [number, number]>>> {
  await registry.settled();
  const { read } = registry.database;
  const namespaces = await read
    .selectFrom("namespace_usage as u")
    .innerJoin("accounts as a", "a.id", "u.namespace_id")
    .select(["a.name", "u.bytes", "u.pending_bytes"])
    .execute();
  const repositories = await read
    .selectFrom("repository_usage as u")
    .innerJoin("repositories as r", "r.id", "u.repository_id")
    .select(["r.name", "u.bytes", "u.pending_bytes"])
    .orderBy("r.name")
    .execute();
  return Object.fromEntries(
    [...namespaces, ...repositories].map(({ name, bytes, pending_bytes }) => [
      name.split("/").at(-1),
      [bytes, pending_bytes] as const,
    ]),
  );
}

async function* streamOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 100);
  yield bytes.subarray(100);
}
