// Long because it is one thing: what becomes of a repository that was deleted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteUser } from "../../accounts/admin/users.ts";
import { OPERATOR } from "../../accounts/admin/actor.ts";
import { createRepositoryToken } from "../../accounts/admin/repository-tokens.ts";
import { deleteOrganization } from "../../accounts/admin/organizations.ts";
import { GarbageCollector } from "../../garbage/garbage-collector.ts";
import { SILENT_LOGGER } from "../../log.ts";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import type { TestBlob } from "../../testing/test-image.ts";
import { basic, everyRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";
import { deleteRepository } from "../delete-repository.ts";

const image = smallImage();
const other = smallImage("other");
const { digest } = image.manifest.descriptor;
const DAY = 86_400_000;

everyRegistry((start) => {
  test("a deleted repository is gone everywhere, and comes back with everything", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    const alice = new ApiClient(await registry.user("alice"));
    const reader = await registry.user("reader");
    await registry.pushImage("team/app", "v1", other);
    await registry.pushImage("team/app", "v1", image);
    await registry.pushImage("team/app", "v2", other);
    await registry.permit("alice", "team/app", "admin");
    await registry.permit("reader", "team/app", "read");
    await registry.change("team/app", { description: "The app", squashAtPush: true });
    const robot = await registry.robot("ci");
    await registry.permit("team+ci", "team/app", "write");
    await alice.post("/user/starred", { namespace: "team", repository: "app" });
    const label = { key: "release", value: "yes", media_type: null };
    const labels = `/repository/team/app/manifest/${digest}/labels`;
    assert.equal((await alice.post(labels, label)).status, 201);
    const expiration = Math.floor(Date.now() / 1000) + 30 * 86_400;
    assert.equal((await alice.put("/repository/team/app/tag/v2", { expiration })).status, 201);
    await registry.settled();
    const before = await stateOf(alice);
    assert.equal((await reader.get("/v2/team/app/manifests/v1.squash")).status, 200);

    assert.equal((await alice.delete("/repository/team/app")).status, 204);
    await registry.settled();
    for (const client of [registry.admin, reader, robot]) {
      for (const path of [
        "/v2/team/app/manifests/v1",
        `/v2/team/app/manifests/${digest}`,
        `/v2/team/app/blobs/${image.manifest.descriptor.digest}`,
        "/v2/team/app/tags/list",
        "/v2/team/app/manifests/v1.squash",
        "/c1/squash/team/app/v1",
        "/v2/~deleted/1/tags/list",
      ]) {
        assert.match((await client.get(path)).outcome, /^(404|400|403)/, path);
      }
      const referrers = await client.get(`/v2/team/app/referrers/${digest}`);
      assert.ok(referrers.status === 404 || referrers.body.includes('"manifests":[]'));
      const catalog = await client.get("/v2/_catalog");
      assert.deepEqual(catalog.json["repositories"], []);
    }
    for (const path of ["", "/tag", `/manifest/${digest}`, "/permissions/user", "/logs"]) {
      assert.equal((await alice.get(`/repository/team/app${path}`)).outcome, "404 NAME_UNKNOWN");
    }
    for (const path of ["/repository?q=app", "/user/starred", "/repository?sort=last_modified"]) {
      assert.deepEqual((await admin.get(path)).json.repositories, [], path);
    }
    assert.deepEqual((await admin.get("/find/repositories?query=app")).json.results, []);
    assert.equal((await admin.delete("/repository/team/app")).outcome, "404 NAME_UNKNOWN");
    // Nothing is mounted from it, wherever the client says it is.
    const layer: TestBlob | undefined = image.blobs[1];
    assert.ok(layer !== undefined);
    const mount = `/v2/team/thief/blobs/uploads/?mount=${layer.descriptor.digest}`;
    for (const from of ["&from=team/app", "", "&from=~deleted/1"]) {
      assert.equal((await registry.admin.post(`${mount}${from}`)).status, 202, from);
    }

    // Its name is free: another one takes it, and the first comes back under another name.
    await registry.pushImage("team/app", "v9", other);
    const list = (await alice.get("/deletedrepositories?namespace=team")).json.repositories;
    assert.equal(list.length, 1);
    assert.partialDeepStrictEqual(list[0], {
      namespace: "team",
      name: "app",
      description: "The app",
      is_public: false,
      deleted_by: "alice",
    });
    const grace = Date.parse(list[0].restorable_until) - Date.parse(list[0].deleted_at);
    assert.equal(grace, 14 * DAY);
    assert.ok(list[0].pending_bytes > 0);
    const restore = `/deletedrepositories/${list[0].id}/restore`;
    for (const [client, outcome] of [
      [new ApiClient(reader), "404 NOT_FOUND"],
      [new ApiClient(await registry.user("stranger")), "404 NOT_FOUND"],
      [new ApiClient(robot), "403 DENIED"],
      [new ApiClient(registry.client()), "401 UNAUTHORIZED"],
      [alice, "409 CONFLICT"],
    ] as const) {
      assert.equal((await client.post(restore)).outcome, outcome);
    }
    for (const name of ["Bad Name", "../x", "", "a//b", "x".repeat(255)]) {
      const refused = await alice.post(restore, { name });
      assert.match(refused.outcome, /^400 (NAME_INVALID|PARAMETER_INVALID)$/, name);
      assert.equal(refused.json.field, "name");
    }
    const back = await alice.post(restore, { name: "was/app" });
    assert.deepEqual(back.json, { namespace: "team", name: "was/app" });
    assert.equal((await alice.post(restore)).outcome, "404 NOT_FOUND");
    await registry.settled();
    assert.deepEqual(await stateOf(alice, "team/was/app"), before);
    for (const client of [reader, robot]) {
      const pulled = await client.get("/v2/team/was/app/manifests/v1");
      assert.deepEqual(pulled.body, image.manifest.bytes);
      for (const { descriptor, bytes } of image.blobs) {
        const blob = await client.get(`/v2/team/was/app/blobs/${descriptor.digest}`);
        assert.deepEqual(blob.body, bytes);
      }
    }
    assert.equal((await reader.get("/v2/team/was/app/manifests/v1.squash")).status, 200);
    await registry.pushImage("team/was/app", "v3", other, robot);
    assert.equal((await alice.get("/find/repositories?query=was")).json.results.length, 1);
    assert.deepEqual(
      (await alice.get("/deletedrepositories?namespace=team")).json.repositories,
      [],
    );
    const rows = await registry.database.read.selectFrom("audit_log").selectAll().execute();
    const told = rows.filter(({ kind }) => /^(delete|restore)_repo$/.test(kind));
    assert.deepEqual(
      told.map(({ kind, performer, repository }) => [kind, performer, repository]),
      [
        ["delete_repo", "alice", "team/app"],
        ["restore_repo", "alice", "team/was/app"],
      ],
    );
  });

  test("deleted repositories are listed to those who administrated them, the last first", async () => {
    let now = Date.now();
    await using registry = await start({ now: () => now });
    const admin = new ApiClient(registry.admin);
    for (const name of ["a", "b", "c"]) {
      await admin.post("/repository", {
        namespace: "team",
        repository: name,
        visibility: "public",
        description: "",
      });
    }
    const alice = new ApiClient(await registry.user("alice"));
    await registry.permit("alice", "team/b", "admin");
    for (const name of ["a", "b", "c"]) {
      now += 1000;
      assert.equal((await admin.delete(`/repository/team/${name}`)).status, 204);
    }
    const names = async (client: ApiClient, query = "?namespace=team"): Promise<string[]> => {
      const { json } = await client.get(`/deletedrepositories${query}`);
      return json.repositories.map((r: { name: string }) => r.name);
    };
    assert.deepEqual(await names(admin), ["c", "b", "a"]);
    assert.deepEqual(await names(alice), ["b"]);
    assert.deepEqual(await names(alice, ""), []);
    assert.deepEqual(await names(alice, "?namespace=nobody"), []);
    const first = await admin.get("/deletedrepositories?namespace=team&limit=2");
    const next = first.json.next_page;
    assert.deepEqual(await names(admin, `?namespace=team&limit=2&next_page=${next}`), ["a"]);
    const refused = await admin.get("/deletedrepositories?next_page=x");
    assert.equal(refused.outcome, "400 PARAMETER_INVALID");
    // Its time is over, whether it was collected or not.
    const { id } = (await alice.get("/deletedrepositories?namespace=team")).json.repositories[0];
    now += 14 * DAY + 1000;
    assert.deepEqual(await names(admin), []);
    assert.equal((await admin.post(`/deletedrepositories/${id}/restore`)).outcome, "404 NOT_FOUND");
    assert.equal((await admin.delete(`/deletedrepositories/${id}`)).outcome, "404 NOT_FOUND");
    assert.equal((await admin.post("/deletedrepositories/x/restore")).outcome, "404 NOT_FOUND");
  });

  test("ended for good, its rows go at once and its blobs with the next collection", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    await registry.pushImage("team/keeps", "v1", other);
    await registry.settled();
    const before = await registry.contents();
    await registry.pushImage("team/app", "v1", image);
    await registry.pushIndex("team/app", "all", { "linux/amd64": image, "linux/arm64": other });
    await registry.pushImage("team/again", "v1", image);
    await admin.delete("/repository/team/app");
    const [{ id }] = (await admin.get("/deletedrepositories?namespace=team")).json.repositories;
    assert.equal((await admin.delete(`/deletedrepositories/${id}`)).status, 204);
    assert.equal((await admin.post(`/deletedrepositories/${id}/restore`)).outcome, "404 NOT_FOUND");
    assert.equal((await admin.delete("/repository/team/again?permanent=true")).status, 204);
    await registry.settled();
    const { manifests, tags, repository_blobs: links } = before;
    assert.partialDeepStrictEqual(await registry.contents(), {
      repositories: 1,
      manifests,
      tags,
      repository_blobs: links,
    });
    await collect(registry, Date.now() + DAY * 15);
    assert.deepEqual(await registry.contents(), before);
  });

  test("a push under way when its repository goes ends with an error that says so", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    await registry.pushImage("team/app", "v1", other);
    const begun = await registry.admin.post("/v2/team/app/blobs/uploads/");
    const location = String(begun.headers.location);
    const { bytes, descriptor } = image.blobs[1] ?? assert.fail();
    const part = await registry.admin.ask("PATCH", location, { body: bytes.subarray(0, 10) });
    assert.equal(part.status, 202);
    // A body that is on its way while the repository is deleted for good.
    const gone = Promise.withResolvers<void>();
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 10);
      await gone.promise;
      yield bytes.subarray(10);
    }
    const upload = `/v2/team/app/blobs/uploads/?digest=${descriptor.digest}`;
    const uploading = registry.admin.post(upload, slowly());
    assert.equal((await admin.delete("/repository/team/app?permanent=true")).status, 204);
    await registry.settled();
    gone.resolve();
    assert.equal((await uploading).outcome, "404 NAME_UNKNOWN");
    const rest = await registry.admin.ask("PATCH", location, { body: bytes.subarray(10) });
    assert.match(rest.outcome, /^404 (BLOB_UPLOAD_UNKNOWN|NAME_UNKNOWN)$/);
    // The same name is another repository: nothing of the first one's upload is continued in it.
    await registry.pushImage("team/app", "v1", other);
    const put = await registry.admin.put(`${location}?digest=${descriptor.digest}`, bytes);
    assert.equal(put.outcome, "404 BLOB_UPLOAD_UNKNOWN");
  });

  test("an account with only deleted repositories can be deleted, and takes them along", async () => {
    await using registry = await start();
    const { administration } = registry;
    await registry.user("alice");
    await registry.organization("gone");
    for (const name of ["alice/app", "gone/app"]) await registry.pushImage(name, "v1", image);
    const removals = [
      () => deleteUser(administration, OPERATOR, "alice"),
      () => deleteOrganization(administration, OPERATOR, "gone"),
    ];
    for (const remove of removals) await assert.rejects(remove, { code: "CONFLICT" });
    for (const name of ["alice/app", "gone/app"]) {
      await deleteRepository(administration, OPERATOR, name);
    }
    for (const remove of removals) await remove();
    await registry.settled();
    const contents = await registry.contents();
    assert.partialDeepStrictEqual(contents, { repositories: 0, manifests: 0, tags: 0 });
    await collect(registry, Date.now() + 15 * DAY);
    assert.deepEqual((await registry.contents()).objects, []);
  });

  test("a secret of a deleted repository opens nothing until it is restored", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    await registry.pushImage("team/app", "v1", image);
    const { secret } = await createRepositoryToken(registry.administration, OPERATOR, "team/app", {
      title: "t",
      role: "read",
    });
    const holder = registry.client(basic("$token", secret));
    assert.equal((await holder.get("/v2/team/app/manifests/v1")).status, 200);
    await admin.delete("/repository/team/app");
    assert.equal((await holder.get("/v2/team/app/manifests/v1")).outcome, "404 NAME_UNKNOWN");
    await registry.pushImage("team/app", "v1", other);
    assert.match((await holder.get("/v2/team/app/manifests/v1")).outcome, /^40[34]/);
    const [{ id }] = (await admin.get("/deletedrepositories?namespace=team")).json.repositories;
    await admin.post(`/deletedrepositories/${id}/restore`, { name: "old" });
    assert.equal((await holder.get("/v2/team/old/manifests/v1")).status, 200);
  });
});

/** Everything that a restoration brings back, as far as somebody sees it. */
async function stateOf(client: ApiClient, name = "team/app") {
  const path = `/repository/${name}`;
  const { json: repository } = await client.get(path);
  const { json: tags } = await client.get(`${path}/tag?limit=100`);
  const { json: labels } = await client.get(`${path}/manifest/${digest}/labels`);
  const { json: users } = await client.get(`${path}/permissions/user`);
  const { json: starred } = await client.get("/user/starred");
  return {
    repository: { ...repository, name: "" },
    // Pulls are counted a little later.
    tags: tags.tags.map((tag: object) => ({ ...tag, pulls: 0, last_pulled: "" })),
    labels,
    users,
    stars: starred.repositories.length,
  };
}

async function collect(registry: TestRegistry, now: number): Promise<void> {
  await using store = await registry.openStore();
  const { database, config } = registry;
  const collector = new GarbageCollector({
    database,
    store,
    config,
    log: SILENT_LOGGER,
    now: () => now,
  });
  const report = await collector.collect();
  assert.deepEqual(report.errors, { count: 0, first: [] });
}
