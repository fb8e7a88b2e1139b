import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { basic, everyRegistry } from "../../testing/test-registry.ts";

const APP = "/repository/crew/app";

everyRegistry((start) => {
  test("users, robots and teams get roles on a repository and lose them", async () => {
    await using registry = await start();
    const aliceAtRegistry = await registry.user("alice");
    const bobAtRegistry = await registry.user("bob");
    const alice = new ApiClient(aliceAtRegistry);
    const bob = new ApiClient(bobAtRegistry);
    await registry.user("carol");
    await alice.post("/organization", { name: "crew" });
    await alice.put("/organization/crew/team/devs", { role: "member" });
    await alice.put("/organization/crew/team/devs/members/carol");
    await alice.put("/organization/crew/robots/ci", {});
    await registry.pushImage("crew/app", "v1", smallImage(), aliceAtRegistry);
    const users = `${APP}/permissions/user`;
    const teams = `${APP}/permissions/team`;

    // Who created it has a role of their own.
    assert.deepEqual(Object.keys((await alice.get(users)).json.permissions), ["alice"]);
    for (const [name, role, isMember] of [
      ["bob", "read", false],
      ["carol", "admin", true],
      ["crew+ci", "write", true],
    ] as const) {
      const { status, json } = await alice.put(`${users}/${name}`, { role });
      assert.equal(status, 200, name);
      assert.deepEqual(
        { ...json, avatar: undefined },
        {
          name,
          role,
          is_robot: name.includes("+"),
          is_org_member: isMember,
          avatar: undefined,
        },
      );
      assert.deepEqual((await alice.get(`${users}/${name}`)).json, json);
    }
    await registry.robot("stranger");
    for (const name of ["nobody", "crew", "team+stranger"]) {
      const bad = await alice.put(`${users}/${name}`, { role: "read" });
      assert.deepEqual([bad.outcome, bad.json.field], ["400 PARAMETER_INVALID", "username"], name);
    }
    assert.equal((await alice.put(`${users}/bob`, { role: "owner" })).json.field, "role");
    assert.equal((await bob.get(users)).outcome, "403 DENIED");
    const first = await alice.get(`${users}?limit=3`);
    assert.equal(Object.keys(first.json.permissions).length, 3);
    const next = encodeURIComponent(first.json.next_page);
    const second = await alice.get(`${users}?limit=3&next_page=${next}`);
    assert.deepEqual(Object.keys(second.json.permissions), ["crew+ci"]);

    assert.equal((await bobAtRegistry.get("/v2/crew/app/manifests/v1")).status, 200);
    assert.equal((await alice.delete(`${users}/bob`)).status, 204);
    assert.equal((await alice.delete(`${users}/bob`)).outcome, "404 NOT_FOUND");
    assert.equal((await alice.get(`${users}/bob`)).outcome, "404 NOT_FOUND");
    assert.equal((await bobAtRegistry.get("/v2/crew/app/manifests/v1")).status, 404);
    assert.equal((await bob.get(users)).outcome, "404 NAME_UNKNOWN");

    const team = await alice.put(`${teams}/devs`, { role: "read" });
    assert.deepEqual({ ...team.json, avatar: 0 }, { name: "devs", role: "read", avatar: 0 });
    assert.equal((await alice.get(`${teams}/devs`)).json.role, "read");
    assert.deepEqual(Object.keys((await alice.get(teams)).json.permissions), ["devs"]);
    assert.equal((await alice.put(`${teams}/none`, { role: "read" })).json.field, "teamname");

    // Every way to a role is told.
    const ways = await alice.get(`${users}/carol/transitive`);
    assert.deepEqual(ways.json.permissions, [
      { role: "admin", via: "user" },
      { role: "read", via: "team", team: "devs" },
    ]);
    const owner = await alice.get(`${users}/alice/transitive`);
    assert.deepEqual(owner.json.permissions, [
      { role: "admin", via: "user" },
      { role: "admin", via: "organization", team: "owners" },
    ]);
    assert.equal((await alice.get(`${users}/bob/transitive`)).outcome, "404 NOT_FOUND");
    assert.equal((await alice.delete(`${teams}/devs`)).status, 204);
    assert.equal((await alice.get(`${teams}/devs`)).outcome, "404 NOT_FOUND");

    // A user's own repositories have no teams, and their owner needs no role.
    await registry.pushImage("alice/app", "v1", smallImage(), aliceAtRegistry);
    const own = "/repository/alice/app/permissions";
    assert.deepEqual((await alice.get(`${own}/user`)).json.permissions, {});
    assert.equal((await alice.put(`${own}/user/alice`, { role: "read" })).status, 400);
    const guest = await alice.put(`${own}/user/bob`, { role: "read" });
    assert.equal(guest.json.is_org_member, undefined);
    assert.equal((await alice.put(`${own}/team/devs`, { role: "read" })).status, 400);

    await registry.settled();
    const audit = await registry.database.read
      .selectFrom("audit_log")
      .select(["kind", "metadata"])
      .where("repository", "=", "crew/app")
      .where("kind", "like", "%_repo_permission")
      .orderBy("id")
      .execute();
    assert.deepEqual(
      audit.map(({ kind, metadata }) => [kind, JSON.parse(metadata)]),
      (
        [
          ["change", { username: "bob", role: "read" }],
          ["change", { username: "carol", role: "admin" }],
          ["change", { username: "crew+ci", role: "write" }],
          ["delete", { username: "bob" }],
          ["change", { team: "devs", role: "read" }],
          ["delete", { team: "devs" }],
        ] as const
      ).map(([kind, facts]) => [
        `${kind}_repo_permission`,
        { repo: "app", namespace: "crew", ...facts },
      ]),
    );
  });

  test("a token of a repository opens that one, as far as it says, until it is deleted", async () => {
    await using registry = await start();
    const atRegistry = await registry.user("alice");
    const alice = new ApiClient(atRegistry);
    await alice.post("/organization", { name: "crew" });
    for (const name of ["app", "other"]) {
      await registry.pushImage(`crew/${name}`, "v1", smallImage(), atRegistry);
    }
    const made = await alice.post(`${APP}/tokens`, { friendlyName: "kiosk" });
    assert.equal(made.status, 201);
    const { token, ...shown } = made.json;
    assert.deepEqual(
      { ...shown, code: 0, created: 0 },
      {
        code: 0,
        friendlyName: "kiosk",
        role: "read",
        created: 0,
        expiration: null,
        last_accessed: null,
      },
    );
    const holder = registry.client(basic("$token", token));
    assert.equal((await holder.get("/v2/crew/app/manifests/v1")).status, 200);
    assert.equal((await holder.get("/v2/crew/other/manifests/v1")).status, 404);
    assert.equal((await holder.post("/v2/crew/app/blobs/uploads/")).outcome, "403 DENIED");
    // It is for the registry; nobody makes more of it.
    const admin = await alice.post(`${APP}/tokens`, { friendlyName: "all", role: "admin" });
    const api = new ApiClient(registry.client(basic("$token", admin.json.token)));
    assert.equal((await api.get(`${APP}/tokens`)).outcome, "403 DENIED");
    assert.equal((await api.post(`${APP}/tokens`, { friendlyName: "x" })).outcome, "403 DENIED");
    assert.equal((await api.get(`${APP}/permissions/user`)).outcome, "403 DENIED");

    const { json } = await alice.get(`${APP}/tokens`);
    assert.deepEqual(Object.keys(json.tokens), [shown.code, admin.json.code]);
    assert(!JSON.stringify(json).includes("wharf_"));
    const one = await alice.get(`${APP}/tokens/${shown.code}`);
    assert.equal(one.json.friendlyName, "kiosk");
    const elsewhere = `/repository/crew/other/tokens/${shown.code}`;
    assert.equal((await alice.get(elsewhere)).outcome, "404 NOT_FOUND");
    assert.equal((await alice.delete(elsewhere)).outcome, "404 NOT_FOUND");
    const past = { friendlyName: "old", expiration: "2020-01-01T00:00:00Z" };
    const refused = await alice.post(`${APP}/tokens`, past);
    assert.deepEqual([refused.status, refused.json.field], [400, "expiration"]);
    assert.equal((await alice.delete(`${APP}/tokens/${shown.code}`)).status, 204);
    assert.equal((await alice.delete(`${APP}/tokens/${shown.code}`)).outcome, "404 NOT_FOUND");
    assert.equal((await holder.get("/v2/crew/app/manifests/v1")).status, 401);
  });
});
