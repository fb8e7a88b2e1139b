// Long because it is one thing: what policies do to tags, seen from outside.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import type { TestImage } from "../../testing/test-image.ts";
import { everyRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";

const DAY = 24 * 3_600_000;
const APP = "/repository/team/app";
const TAG = `${APP}/tag`;
const [A, B] = [smallImage("a"), smallImage("b")];

everyRegistry((start) => {
  async function opened(now?: () => number): Promise<{ registry: TestRegistry; api: ApiClient }> {
    const registry = await start(now === undefined ? {} : { now });
    await registry.pushImage("team/app", "v1.0", A);
    await registry.pushImage("team/app", "latest", B);
    return { registry, api: new ApiClient(registry.admin) };
  }

  test("an immutable tag cannot be moved, deleted or made to expire, by whatever way", async () => {
    const { registry, api } = await opened();
    await using _ = registry;
    const bob = await registry.user("bob");
    await registry.permit("bob", "team/app", "write");
    const his = new ApiClient(bob);
    assert.equal((await his.put(`${TAG}/v1.0`, { immutable: true })).status, 201);
    await expectProtected(registry, api, "v1.0");
    const [tag] = (await api.get(`${TAG}?specificTag=v1.0`)).json.tags;
    assert.equal(tag.immutable, true);
    // The same image again is no change.
    await registry.pushManifest("team/app", "v1.0", A.manifest);
    assert.equal((await his.put(`${TAG}/v1.0`, { immutable: false })).outcome, "403 DENIED");
    assert.equal((await api.put(`${TAG}/v1.0`, { immutable: false })).status, 201);
    await registry.pushManifest("team/app", "v1.0", B.manifest);

    // What expires is not protected by the way.
    await api.put(`${TAG}/v1.0`, { expiration: 4_000_000_000 });
    assert.equal((await api.put(`${TAG}/v1.0`, { immutable: true })).outcome, "409 CONFLICT");
    const both = await api.put(`${TAG}/v1.0`, { immutable: true, expiration: null });
    assert.equal(both.status, 201);
  });

  test("an image can be pushed immutable, and what an index needs cannot be deleted", async () => {
    const { registry, api } = await opened();
    await using _ = registry;
    const marks = { annotations: { "quay.immutable": "true", "quay.expires-after": "1s" } };
    const marked = smallImage("marked", { manifest: marks });
    await registry.pushImage("team/app", "marked", marked);
    await expectProtected(registry, api, "marked");
    const index = await registry.pushIndex("team/app", "multi", { "linux/amd64": A });
    assert.equal((await api.put(`${TAG}/multi`, { immutable: true })).status, 201);
    for (const digest of [index.descriptor.digest, digestOf(A)]) {
      const { outcome } = await registry.admin.delete(`/v2/team/app/manifests/${digest}`);
      assert.equal(outcome, "403 DENIED");
    }
    assert.equal((await registry.admin.get("/v2/team/app/manifests/v1.0")).status, 200);
  });

  test("a policy of a repository or its organization protects tags by name as long as it is there", async () => {
    const { registry, api } = await opened();
    await using _ = registry;
    for (const place of [APP, "/organization/team"]) {
      const path = `${place}/immutabilitypolicy`;
      const made = await api.post(path, { tagPattern: " v[0-9]+\\. " });
      assert.equal(made.status, 201);
      const one = `${path}/${made.json.uuid}`;
      const policy = {
        uuid: made.json.uuid,
        tagPattern: "v[0-9]+\\.",
        tagPatternMatches: true,
      };
      assert.deepEqual((await api.get(path)).json, { policies: [policy] });
      assert.deepEqual((await api.get(one)).json, policy);
      await expectProtected(registry, api, "v1.0");
      const lifted = await api.put(`${TAG}/v1.0`, { immutable: false });
      assert.equal(lifted.outcome, "409 TAG_IMMUTABLE");
      assert.match(lifted.json.detail, /policy/);
      // From the beginning of the name, as Quay reads it.
      assert.equal((await api.put(`${TAG}/xv1.0`, { manifest_digest: digestOf(A) })).status, 201);
      assert.equal((await api.put(`${TAG}/xv1.0`, { manifest_digest: digestOf(B) })).status, 201);
      // A new tag is protected from its first push.
      await registry.pushManifest("team/app", "v2.0", A.manifest);
      await expectProtected(registry, api, "v2.0");

      assert.equal(
        (await api.put(one, { tagPattern: "latest", tagPatternMatches: false })).status,
        204,
      );
      assert.equal((await api.put(`${TAG}/latest`, { manifest_digest: digestOf(A) })).status, 201);
      await expectProtected(registry, api, "xv1.0");
      assert.deepEqual((await api.delete(one)).json, { uuid: made.json.uuid });
      assert.equal((await api.delete(one)).outcome, "404 NOT_FOUND");
      for (const tag of ["v2.0", "xv1.0", "latest"]) {
        assert.equal(
          (await api.put(`${TAG}/${tag}`, { manifest_digest: digestOf(B) })).status,
          201,
        );
      }
      assert.equal((await api.delete(`${TAG}/v2.0`)).status, 204);
      assert.equal((await api.delete(`${TAG}/xv1.0`)).status, 204);
    }
  });

  test("policies that make no sense are refused, and one stays where it was made", async () => {
    const { registry, api } = await opened();
    await using _ = registry;
    const prune = async (body: object, place = APP) =>
      (await api.post(`${place}/autoprunepolicy`, body)).outcome;
    assert.equal(await prune({ method: "number_of_tags" }), "400 PARAMETER_INVALID");
    assert.equal(await prune({ method: "number_of_tags", value: 0 }), "400 PARAMETER_INVALID");
    assert.equal(await prune({ method: "number_of_tags", value: "7d" }), "400 PARAMETER_INVALID");
    assert.equal(await prune({ method: "creation_date", value: 7 }), "400 PARAMETER_INVALID");
    assert.equal(
      await prune({ method: "creation_date", value: "7 days" }),
      "400 PARAMETER_INVALID",
    );
    const good = { method: "number_of_tags", value: 10 };
    assert.equal(await prune({ ...good, tagPattern: "(" }), "400 PARAMETER_INVALID");
    assert.equal(await prune({ ...good, tagPattern: "(.{0,30}){0,30}" }), "400 PARAMETER_INVALID");
    assert.equal(await prune(good), "201");
    assert.equal(await prune(good), "400 CONFLICT");
    assert.equal(await prune(good, "/user"), "201");
    const [policy] = (await api.get("/user/autoprunepolicy")).json.policies;
    assert.deepEqual(
      { ...policy, uuid: "" },
      { uuid: "", ...good, tagPattern: null, tagPatternMatches: true },
    );
    for (const place of [APP, "/organization/team"]) {
      const path = `${place}/autoprunepolicy/${policy.uuid}`;
      assert.equal((await api.get(path)).outcome, "404 NOT_FOUND");
      assert.equal((await api.put(path, good)).outcome, "404 NOT_FOUND");
      assert.equal((await api.delete(path)).outcome, "404 NOT_FOUND");
    }
  });

  test("tags go by number and by age, as the preview tells, and can be taken back", async () => {
    let moved = 0;
    const { registry, api } = await opened(() => Date.now() + moved);
    await using _ = registry;
    const put = (tag: string, digest: string) =>
      api.put(`${TAG}/${tag}`, { manifest_digest: digest });
    for (const number of [1, 2, 3, 4, 5]) {
      moved += 1000;
      await put(`ci-${number}`, digestOf(A));
    }
    await api.put(`${TAG}/ci-1`, { immutable: true });
    const names = async (body: object, place = APP): Promise<string[]> => {
      const { json, status } = await api.post(`${place}/autoprunepolicy/preview`, body);
      assert.equal(status, 200);
      return json.tags.map(({ name }: { name: string }) => name);
    };
    const byNumber = { method: "number_of_tags", value: 2, tagPattern: "^ci-" };
    assert.deepEqual(await names(byNumber), ["ci-3", "ci-2"]);
    assert.deepEqual(await names(byNumber, "/organization/team"), ["ci-3", "ci-2"]);
    assert.deepEqual(await names({}), []);
    const others = { ...byNumber, value: 1, tagPatternMatches: false };
    assert.deepEqual(await names(others), ["v1.0"]);
    assert.deepEqual(await names({ method: "creation_date", value: "1d" }), []);

    await api.post(`${APP}/autoprunepolicy`, byNumber);
    await registry.settled();
    const active = async (): Promise<string[]> => {
      const { json } = await api.get(`${TAG}?onlyActiveTags=true&sort=name`);
      return json.tags.map(({ name }: { name: string }) => name);
    };
    assert.deepEqual(await active(), ["ci-1", "ci-4", "ci-5", "latest", "v1.0"]);
    assert.deepEqual(await names({}), []);

    // Soon after a push it is looked at again.
    moved += 1000;
    await registry.pushManifest("team/app", "ci-6", A.manifest);
    await registry.settled();
    assert.deepEqual(await active(), ["ci-1", "ci-5", "ci-6", "latest", "v1.0"]);
    const [pruned] = (await api.get(`${TAG}?specificTag=ci-4`)).json.tags;
    assert.equal(pruned.end_kind, "pruned");
    const entry = await registry.database.read
      .selectFrom("audit_log")
      .select(["performer_kind", "metadata"])
      .where("kind", "=", "autoprune_tag_delete")
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    assert.equal(entry.performer_kind, "registry");
    assert.equal((JSON.parse(entry.metadata) as { tag: string }).tag, "ci-4");

    // A signature goes with its image, not before it.
    const signature = `sha256-${digestOf(B).slice(7)}.sig`;
    await put(signature, digestOf(A));
    moved += 3 * DAY;
    await registry.pushManifest("team/app", "young", A.manifest);
    assert.equal(
      (
        await api.post("/organization/team/autoprunepolicy", {
          method: "creation_date",
          value: "2d",
        })
      ).status,
      201,
    );
    await registry.settled();
    assert.deepEqual(await active(), ["ci-1", "young"]);
    assert.equal(
      (await api.post(`${TAG}/latest/restore`, { manifest_digest: digestOf(B) })).status,
      200,
    );
    assert.equal((await registry.admin.get("/v2/team/app/manifests/latest")).status, 200);
  });
});

/** The tag stays what it is, whoever asks for something else. */
async function expectProtected(registry: TestRegistry, api: ApiClient, tag: string): Promise<void> {
  const digest = await digestNow(registry, tag);
  const other = digest === digestOf(A) ? digestOf(B) : digestOf(A);
  const bytes = digest === digestOf(A) ? B.manifest : A.manifest;
  const path = `${TAG}/${tag}`;
  const manifest = `/v2/team/app/manifests/${tag}`;
  const { admin } = registry;
  const type = { headers: { "content-type": bytes.descriptor.mediaType } };
  const pushed = await admin.put(manifest, bytes.bytes, type);
  assert.equal(pushed.outcome, "403 DENIED", tag);
  assert.match(pushed.body.toString(), /is immutable, it cannot be moved/);
  const byDigest = `/v2/team/app/manifests/${other}?tag=${tag}`;
  assert.equal((await admin.put(byDigest, bytes.bytes, type)).outcome, "403 DENIED");
  assert.equal((await admin.delete(manifest)).outcome, "403 DENIED");
  assert.equal((await admin.delete(`/v2/team/app/manifests/${digest}`)).outcome, "403 DENIED");
  const outcomes = [
    await api.put(path, { manifest_digest: other }),
    await api.put(path, { expiration: 4_000_000_000 }),
    await api.delete(path),
    await api.post(`${path}/restore`, { manifest_digest: other }),
    await api.post(`${path}/expire`, { manifest_digest: digest, is_alive: true }),
  ];
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    outcomes.map(() => "409 TAG_IMMUTABLE"),
  );
  const journey = { at: 1, tags: [tag], delete_newer: true };
  const skipped = await api.post(`${APP}/timemachine`, journey);
  assert.equal(skipped.json.deleted, 0);
  assert.equal(await digestNow(registry, tag), digest);
}

function digestOf({ manifest }: TestImage): string {
  return manifest.descriptor.digest;
}

async function digestNow(registry: TestRegistry, tag: string): Promise<string> {
  const { headers } = await registry.admin.head(`/v2/team/app/manifests/${tag}`);
  return String(headers["docker-content-digest"]);
}
