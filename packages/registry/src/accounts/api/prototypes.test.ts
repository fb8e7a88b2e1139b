import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { everyRegistry } from "../../testing/test-registry.ts";

const PROTOTYPES = "/organization/crew/prototypes";

everyRegistry((start) => {
  test("default permissions hold for repositories that are created afterwards", async () => {
    await using registry = await start();
    const atRegistry = await registry.user("alice");
    const alice = new ApiClient(atRegistry);
    const bobAtRegistry = await registry.user("bob");
    const bob = new ApiClient(bobAtRegistry);
    await registry.user("carol");
    await alice.post("/organization", { name: "crew" });
    for (const [team, role] of [
      ["devs", "creator"],
      ["qa", "member"],
    ]) {
      await alice.put(`/organization/crew/team/${team}`, { role });
    }
    await alice.put("/organization/crew/team/devs/members/bob");
    const robot = await alice.put("/organization/crew/robots/ci", {});
    await registry.pushImage("crew/before", "v1", smallImage(), atRegistry);

    const user = (name: string): object => ({ delegate: { kind: "user", name } });
    const made = await alice.post(PROTOTYPES, {
      role: "read",
      activating_user: null,
      ...user("crew+ci"),
    });
    assert.equal(made.status, 200);
    const { avatar, ...delegate } = made.json.delegate;
    assert.deepEqual(
      [made.json.role, made.json.activating_user, delegate],
      ["read", null, { name: "crew+ci", kind: "user", is_robot: true, is_org_member: true }],
    );
    assert.equal(avatar.kind, "robot");
    const again = await alice.post(PROTOTYPES, { role: "read", ...user("crew+ci") });
    assert.equal(again.json.id, made.json.id);
    for (const body of [
      { role: "write", ...user("crew+ci"), activating_user: { name: "bob" } },
      { role: "write", delegate: { kind: "team", name: "qa" } },
      { role: "read", delegate: { kind: "team", name: "qa" }, activating_user: { name: "bob" } },
      { role: "read", ...user("bob") },
      { role: "write", ...user("carol"), activating_user: { name: "alice" } },
    ]) {
      assert.equal((await alice.post(PROTOTYPES, body)).status, 200, JSON.stringify(body));
    }
    await registry.robot("stranger");
    for (const [field, body] of [
      ["delegate.name", { role: "read", ...user("nobody") }],
      ["delegate.name", { role: "read", ...user("crew") }],
      ["delegate.name", { role: "read", ...user("team+stranger") }],
      ["delegate.name", { role: "read", delegate: { kind: "team", name: "none" } }],
      ["activating_user.name", { role: "read", ...user("bob"), activating_user: { name: "x" } }],
      ["role", { role: "king", ...user("bob") }],
      ["delegate", { role: "read" }],
    ] as const) {
      const bad = await alice.post(PROTOTYPES, body);
      assert.deepEqual([bad.outcome, bad.json.field], ["400 PARAMETER_INVALID", field]);
    }
    assert.equal((await bob.get(PROTOTYPES)).outcome, "403 DENIED");

    // What was there keeps its rights. By bob's push: he is admin, the greatest role of each wins.
    await registry.pushImage("crew/pushed", "v1", smallImage(), bobAtRegistry);
    const roles = async (name: string): Promise<Record<string, string>> => {
      const found: Record<string, string> = {};
      for (const kind of ["user", "team"]) {
        const { json } = await alice.get(`/repository/crew/${name}/permissions/${kind}`);
        for (const [holder, permission] of Object.entries(json.permissions)) {
          found[holder] = (permission as { role: string }).role; // of the API
        }
      }
      return found;
    };
    assert.deepEqual(await roles("before"), { alice: "admin" });
    assert.deepEqual(await roles("pushed"), { bob: "admin", "crew+ci": "write", qa: "write" });
    // The same for one that the API makes.
    const created = await alice.post("/repository", {
      namespace: "crew",
      repository: "made",
      visibility: "private",
      description: "",
    });
    assert.equal(created.status, 201);
    assert.deepEqual(await roles("made"), {
      alice: "admin",
      bob: "read",
      carol: "write",
      "crew+ci": "read",
      qa: "write",
    });
    assert.equal(robot.status, 201);

    const first = await alice.get(`${PROTOTYPES}?limit=4`);
    assert.equal(first.json.prototypes.length, 4);
    const next = encodeURIComponent(first.json.next_page);
    const second = await alice.get(`${PROTOTYPES}?limit=4&next_page=${next}`);
    assert.equal(second.json.prototypes.length, 2);
    const all = await alice.get(PROTOTYPES);
    assert.deepEqual(all.json.prototypes, [...first.json.prototypes, ...second.json.prototypes]);

    const one = `${PROTOTYPES}/${made.json.id}`;
    assert.equal((await alice.put(one, { role: "admin" })).json.role, "admin");
    assert.equal((await bob.put(one, { role: "admin" })).outcome, "403 DENIED");
    assert.equal((await alice.put(`${PROTOTYPES}/none`, { role: "read" })).status, 404);
    assert.equal((await alice.delete(one)).status, 204);
    assert.equal((await alice.delete(one)).outcome, "404 NOT_FOUND");
    // What is gone is named no more.
    await alice.delete("/organization/crew/team/qa");
    const left = await alice.get(PROTOTYPES);
    assert.equal(left.json.prototypes.length, 3);
    await registry.settled();
    const audit = await registry.database.read
      .selectFrom("audit_log")
      .select("kind")
      .where("kind", "like", "%_prototype_permission")
      .execute();
    assert.equal(audit.length, 6 + 1 + 1);
  });
});
