import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteRepository } from "../../repositories/delete-repository.ts";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { everyRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";
import { OPERATOR } from "../admin/actor.ts";

const DAY = 86_400;

async function person(registry: TestRegistry, name: string): Promise<ApiClient> {
  return new ApiClient(await registry.user(name));
}

/** Kinds of what the audit log tells of a namespace, the first one first. */
async function deedsIn(registry: TestRegistry, namespace: string): Promise<string[]> {
  await registry.settled();
  const rows = await registry.database.read
    .selectFrom("audit_log")
    .select("kind")
    .where("namespace", "=", namespace)
    .orderBy("id")
    .execute();
  return rows.map(({ kind }) => kind);
}

everyRegistry((start) => {
  test("an organization is created, shown, changed and deleted", async () => {
    await using registry = await start();
    const alice = await person(registry, "alice");
    const bob = await person(registry, "bob");
    const nobody = new ApiClient(registry.client());
    const admin = new ApiClient(registry.admin);

    const made = await alice.post("/organization", { name: "crew", email: "crew@example.com" });
    assert.equal(made.outcome, "201");
    assert.equal(made.json, "Created");
    const again = await bob.post("/organization/", { name: "crew" });
    assert.equal(again.outcome, "400 CONFLICT");
    assert.equal(again.json.field, "name");
    assert.equal((await bob.post("/organization", { name: "alice" })).outcome, "400 CONFLICT");
    for (const name of ["", "x", "Crew", "a b", "a+b", "$x", "a/b"]) {
      const bad = await bob.post("/organization", { name });
      assert.equal(bad.outcome, "400 PARAMETER_INVALID", name);
      assert.equal(bad.json.field, "name");
    }
    const mail = await bob.post("/organization", { name: "other", email: "no address" });
    assert.equal(mail.json.field, "email");
    assert.equal((await nobody.post("/organization", { name: "x1" })).outcome, "401 UNAUTHORIZED");

    const shown = await alice.get("/organization/crew");
    assert.equal(shown.status, 200);
    assert.deepEqual(withoutPictures(shown.json), {
      name: "crew",
      email: "crew@example.com",
      description: "",
      is_admin: true,
      is_member: true,
      ordered_teams: ["owners"],
      invoice_email: false,
      invoice_email_address: null,
      tag_expiration_s: 14 * DAY,
      is_free_account: true,
    });
    assert.deepEqual(shown.json.quotas, []);
    assert.equal(shown.json.quota_report.quota_bytes, 0);
    const { avatar, ...owners } = shown.json.teams.owners;
    assert.deepEqual(owners, {
      name: "owners",
      description: "",
      role: "admin",
      can_view: true,
      repo_count: 0,
      member_count: 1,
      is_synced: false,
    });
    assert.equal(avatar.kind, "team");

    // Whoever finds nothing in it does not find it.
    for (const stranger of [bob, nobody]) {
      assert.equal((await stranger.get("/organization/crew")).outcome, "404 NOT_FOUND");
      assert.equal((await stranger.get("/organization/none")).outcome, "404 NOT_FOUND");
    }
    await registry.pushImage("crew/open", "v1", smallImage());
    await registry.settled();
    assert.equal((await bob.get("/organization/crew")).outcome, "404 NOT_FOUND");
    const { repositories } = await setVisibility(registry, "crew/open", "public");
    assert.equal(repositories, 1);
    for (const stranger of [bob, nobody]) {
      const { json } = await stranger.get("/organization/crew");
      assert.equal(json.name, "crew");
      assert.deepEqual([json.is_admin, json.is_member, json.email], [false, false, ""]);
      assert.equal(json.teams, undefined);
      assert.equal(json.tag_expiration_s, undefined);
    }

    const changes = { email: "new@example.com", description: "# Us", tag_expiration_s: DAY };
    assert.equal((await bob.put("/organization/crew", changes)).outcome, "403 DENIED");
    const changed = await alice.put("/organization/crew", { ...changes, unknown: 1 });
    assert.equal(changed.json.email, "new@example.com");
    assert.equal(changed.json.description, "# Us");
    assert.equal(changed.json.tag_expiration_s, DAY);
    const window = await alice.put("/organization/crew", { tag_expiration_s: 5 });
    assert.equal(window.outcome, "400 PARAMETER_INVALID");
    assert.equal(window.json.field, "tag_expiration_s");
    assert.equal((await alice.put("/organization/crew", { contact_email: null })).json.email, "");

    const busy = await alice.delete("/organization/crew");
    assert.equal(busy.outcome, "409 CONFLICT");
    assert.match(busy.json.detail, /delete them first/);
    await deleteRepository(registry.administration, OPERATOR, "crew/open");
    assert.equal((await bob.delete("/organization/crew")).outcome, "403 DENIED");
    assert.equal((await alice.delete("/organization/crew")).status, 204);
    assert.equal((await alice.get("/organization/crew")).outcome, "404 NOT_FOUND");
    assert.equal((await admin.get("/organization/crew")).outcome, "404 NOT_FOUND");
    const kinds = await deedsIn(registry, "crew");
    assert.deepEqual(
      kinds.filter((kind) => /^org_|policy/.test(kind)),
      [
        "org_create",
        "org_change_email",
        "org_change",
        "change_tag_expiration_policy",
        "org_change_email",
        "org_delete",
      ],
    );
  });

  test("only superusers create organizations where the configuration says so", async () => {
    await using registry = await start({
      config: { accounts: { organizationCreation: "superusers" } },
    });
    const alice = await person(registry, "alice");
    assert.equal((await alice.post("/organization", { name: "crew" })).outcome, "403 DENIED");
    const admin = new ApiClient(registry.admin);
    assert.equal((await admin.post("/organization", { name: "crew" })).status, 201);
  });

  test("members and collaborators are listed in pages, with what they have, and removed", async () => {
    await using registry = await start();
    const client = await registry.user("alice");
    const alice = new ApiClient(client);
    await person(registry, "bob");
    await person(registry, "carol");
    const dave = await person(registry, "dave");
    await alice.post("/organization", { name: "crew" });
    await alice.put("/organization/crew/team/devs", { role: "member" });
    for (const [team, name] of [
      ["devs", "bob"],
      ["devs", "carol"],
      ["owners", "carol"],
      ["devs", "crew+ci"],
    ]) {
      if (name === "crew+ci") await alice.put("/organization/crew/robots/ci", {});
      const added = await alice.put(`/organization/crew/team/${team}/members/${name}`);
      assert.equal(added.status, 200, `${name} in ${team}`);
    }
    for (const name of ["one", "two"]) {
      await registry.pushImage(`crew/${name}`, "v1", smallImage(), client);
      for (const holder of ["bob", "dave", "crew+ci"]) {
        await registry.permit(holder, `crew/${name}`, "read");
      }
    }
    // One that is deleted counts no more.
    await deleteRepository(registry.administration, OPERATOR, "crew/two");

    const first = await alice.get("/organization/crew/members?limit=2");
    assert.deepEqual(
      first.json.members.map((member: { name: string }) => member.name),
      ["alice", "bob"],
    );
    const next = encodeURIComponent(first.json.next_page);
    const second = await alice.get(`/organization/crew/members?limit=2&next_page=${next}`);
    const [carol] = second.json.members;
    assert.equal(second.json.next_page, undefined);
    assert.equal(carol.name, "carol");
    assert.deepEqual(
      carol.teams.map((team: { name: string }) => team.name),
      ["devs", "owners"],
    );
    const bob = await alice.get("/organization/crew/members/bob");
    assert.deepEqual(
      [bob.json.kind, bob.json.repositories, bob.json.repository_count],
      ["user", ["one"], 1],
    );
    assert.equal((await alice.get("/organization/crew/members/crew+ci")).json.kind, "robot");
    for (const name of ["dave", "nobody", "team", "%00"]) {
      const none = await alice.get(`/organization/crew/members/${name}`);
      assert.equal(none.outcome, "404 NOT_FOUND", name);
    }
    const { json } = await alice.get("/organization/crew/collaborators");
    assert.deepEqual(
      json.collaborators.map(({ name, repositories }: Record<string, unknown>) => [
        name,
        repositories,
      ]),
      [["dave", ["one"]]],
    );
    assert.equal((await dave.get("/organization/crew/members")).outcome, "403 DENIED");
    // There is something in it for them.
    assert.equal((await dave.get("/organization/crew")).json.is_member, false);

    assert.equal((await alice.delete("/organization/crew/members/bob")).status, 204);
    assert.equal((await alice.delete("/organization/crew/members/bob")).outcome, "404 NOT_FOUND");
    assert.equal((await alice.delete("/organization/crew/members/dave")).status, 204);
    assert.deepEqual((await alice.get("/organization/crew/collaborators")).json.collaborators, []);
    assert.equal((await dave.get("/organization/crew")).outcome, "404 NOT_FOUND");
    assert.equal((await alice.delete("/organization/crew/members/carol")).status, 204);
    const last = await alice.delete("/organization/crew/members/alice");
    assert.equal(last.outcome, "400 CONFLICT");
    assert.match(last.json.detail, /nobody would administrate/);
    assert((await deedsIn(registry, "crew")).includes("org_remove_member"));
  });

  test("superusers list, change, take over and delete organizations", async () => {
    await using registry = await start();
    const alice = await person(registry, "alice");
    const bob = await person(registry, "bob");
    const admin = new ApiClient(registry.admin);
    await alice.post("/organization", { name: "crew" });
    await alice.post("/organization", { name: "zoo" });
    const first = await admin.get("/superuser/organizations?limit=2");
    assert.deepEqual(
      first.json.organizations.map(({ name }: { name: string }) => name),
      ["crew", "team"],
    );
    const page = `limit=2&next_page=${encodeURIComponent(first.json.next_page)}`;
    const second = await admin.get(`/superuser/organizations?${page}`);
    assert.equal(second.json.organizations[0].name, "zoo");
    assert.equal((await alice.get("/superuser/organizations")).outcome, "403 DENIED");
    assert.equal((await admin.get("/superuser/organizations?next_page=x")).status, 400);

    const renamed = await admin.put("/superuser/organizations/crew", { name: "mates" });
    assert.equal(renamed.outcome, "400 PARAMETER_INVALID");
    assert.equal(renamed.json.field, "name");
    const changed = await admin.put("/superuser/organizations/crew", {
      name: "crew",
      email: "crew@example.com",
    });
    assert.equal(changed.json.email, "crew@example.com");
    assert.equal((await admin.delete("/superuser/organizations/zoo")).status, 204);
    assert.equal((await admin.delete("/superuser/organizations/zoo")).outcome, "404 NOT_FOUND");

    const taken = await admin.post("/superuser/takeownership/crew");
    assert.deepEqual(taken.json, { namespace: "crew" });
    const { json } = await admin.get("/organization/crew/team/owners/members");
    assert.deepEqual(json.members.map(({ name }: { name: string }) => name).toSorted(), [
      "admin",
      "alice",
    ]);
    assert.equal((await admin.post("/superuser/takeownership/nobody")).outcome, "404 NOT_FOUND");
    assert.equal((await admin.post("/superuser/takeownership/admin")).outcome, "400 CONFLICT");
    assert.equal((await alice.post("/superuser/takeownership/team")).outcome, "403 DENIED");

    // A user becomes an organization; their secrets are worth nothing then, their repositories stay.
    await registry.pushImage("bob/app", "v1", smallImage());
    assert.equal((await bob.get("/organization/bob")).outcome, "404 NOT_FOUND");
    assert.equal((await admin.post("/superuser/takeownership/bob")).status, 200);
    assert.equal((await bob.get("/organization/bob")).outcome, "401 UNAUTHORIZED");
    assert.equal((await admin.get("/organization/bob")).json.teams.owners.member_count, 1);
    assert.equal((await registry.admin.get("/v2/bob/app/tags/list")).status, 200);
    // The last admin of another organization would leave it alone.
    await registry
      .user("erin")
      .then((erin) => new ApiClient(erin).post("/organization", { name: "solo" }));
    const orphan = await admin.post("/superuser/takeownership/erin");
    assert.equal(orphan.outcome, "409 CONFLICT");
    assert.match(orphan.json.detail, /solo/);
    assert((await deedsIn(registry, "bob")).includes("take_ownership"));
  });
});

/** Of an organization, without its teams and quotas either, which have tests of their own. */
function withoutPictures(json: Record<string, unknown>): Record<string, unknown> {
  const left = { ...json };
  for (const field of ["avatar", "teams", "quotas", "quota_report"]) delete left[field];
  return left;
}

async function setVisibility(
  registry: TestRegistry,
  name: string,
  visibility: "public" | "private",
): Promise<{ readonly repositories: number }> {
  const { numUpdatedRows } = await registry.database.transaction((trx) =>
    trx
      .updateTable("repositories")
      .set({ visibility })
      .where("name", "=", name)
      .executeTakeFirstOrThrow(),
  );
  return { repositories: Number(numUpdatedRows) };
}
