import assert from "node:assert/strict";
import { test } from "node:test";
import { codeIn, TestMailServer } from "../../mail/testing/test-mail-server.ts";
import { ApiClient } from "../../testing/api-client.ts";
import type { HttpClient } from "../../testing/http-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { basic, everyRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";
import { createApplicationToken } from "../admin/access-secrets.ts";
import { OPERATOR } from "../admin/actor.ts";

const CREW = "/organization/crew";

/** Users by these names; `alice` owns the organization `crew`. */
async function setUp(
  registry: TestRegistry,
  ...names: string[]
): Promise<Record<string, ApiClient>> {
  const people: Record<string, ApiClient> = {};
  for (const name of ["alice", ...names]) people[name] = new ApiClient(await registry.user(name));
  const made = await people["alice"]?.post("/organization", { name: "crew" });
  assert.equal(made?.status, 201);
  return people;
}

function namesOf(list: readonly { readonly name?: string; readonly email?: string }[]): string[] {
  return list.map(({ name, email }) => name ?? `<${email}>`);
}

async function auditOf(registry: TestRegistry): Promise<(readonly [string, string])[]> {
  await registry.settled();
  const rows = await registry.database.read
    .selectFrom("audit_log")
    .select(["kind", "metadata"])
    .where("namespace", "=", "crew")
    .orderBy("id")
    .execute();
  return rows.map(({ kind, metadata }) => [kind, metadata] as const);
}

everyRegistry((start) => {
  test("teams are made, changed and deleted; somebody always administrates", async () => {
    await using registry = await start();
    const { alice, bob, carol } = await setUp(registry, "bob", "carol");
    assert(alice !== undefined && bob !== undefined && carol !== undefined);
    const team = { role: "member", description: "*who* makes it" };
    const made = await alice.put(`${CREW}/team/devs`, team);
    assert.deepEqual(
      { ...made.json, avatar: undefined },
      { name: "devs", ...team, can_view: true, new_team: true, avatar: undefined },
    );
    const changed = await alice.put(`${CREW}/team/devs`, { role: "creator" });
    assert.deepEqual(
      [changed.json.role, changed.json.description, changed.json.new_team],
      ["creator", team.description, false],
    );
    assert.equal((await bob.put(`${CREW}/team/evil`, team)).outcome, "403 DENIED");
    for (const name of ["x", "UPPER", "a+b", "a%2Fb", "-a"]) {
      const bad = await alice.put(`${CREW}/team/${name}`, team);
      assert.equal(bad.outcome, "400 PARAMETER_INVALID", name);
      assert.equal(bad.json.field, "teamname");
    }
    const role = await alice.put(`${CREW}/team/ops`, { role: "king" });
    assert.deepEqual([role.outcome, role.json.field], ["400 PARAMETER_INVALID", "role"]);
    assert.equal((await alice.put(`${CREW}/team/ops`, {})).json.field, "role");

    // A creator may create, a member may not.
    await alice.put(`${CREW}/team/devs/members/bob`);
    await registry.pushImage("crew/new", "v1", smallImage(), await clientOf(registry, "bob"));
    assert.equal((await alice.delete(`${CREW}/team/none`)).outcome, "404 NOT_FOUND");

    const alone = /nobody would administrate crew/;
    for (const refused of [
      await alice.put(`${CREW}/team/owners`, { role: "member" }),
      await alice.delete(`${CREW}/team/owners`),
      await alice.delete(`${CREW}/team/owners/members/alice`),
      await alice.delete(`${CREW}/members/alice`),
    ]) {
      assert.equal(refused.outcome, "400 CONFLICT");
      assert.match(refused.json.detail, alone);
    }
    // A robot does not administrate.
    await alice.put(`${CREW}/robots/ci`, {});
    await alice.put(`${CREW}/team/owners/members/crew+ci`);
    assert.equal((await alice.delete(`${CREW}/team/owners/members/alice`)).status, 400);
    await alice.put(`${CREW}/team/chiefs`, { role: "admin" });
    await alice.put(`${CREW}/team/chiefs/members/carol`);
    assert.equal((await alice.delete(`${CREW}/team/owners`)).status, 204);
    assert.equal((await alice.get(`${CREW}/members`)).outcome, "403 DENIED");
    assert.deepEqual((await carol.get(CREW)).json.ordered_teams, ["devs", "chiefs"]);
    // Of two who push each other out, one stays.
    await carol.put(`${CREW}/team/chiefs/members/bob`);
    const out = await Promise.all([
      carol.delete(`${CREW}/team/chiefs/members/bob`),
      bob.delete(`${CREW}/team/chiefs/members/carol`),
    ]);
    assert.equal(out.filter(({ status }) => status === 204).length, 1);

    assert.deepEqual(
      (await auditOf(registry))
        .map(([kind]) => kind)
        .filter((kind) => /_team$|_team_[rd]/.test(kind)),
      ["org_create_team", "org_set_team_role", "org_create_team", "org_delete_team"],
    );
  });

  test("users and robots join a team and leave it; twice is as once", async () => {
    await using registry = await start();
    const { alice, bob, carol } = await setUp(registry, "bob", "carol", "dave");
    assert(alice !== undefined && bob !== undefined && carol !== undefined);
    await alice.put(`${CREW}/team/devs`, { role: "member" });
    await alice.put(`${CREW}/robots/ci`, {});
    for (const name of ["bob", "bob", "dave", "crew+ci", "crew%2Bci"]) {
      const { status, json } = await alice.put(`${CREW}/team/devs/members/${name}`);
      assert.equal(status, 200, name);
      const isRobot = name.startsWith("crew");
      assert.deepEqual(
        [json.kind, json.is_robot, json.invited, json.avatar.kind],
        ["user", isRobot, false, isRobot ? "robot" : "user"],
      );
    }
    await registry.robot("stranger");
    for (const name of ["nobody", "team", "team+stranger", "crew+none"]) {
      const bad = await alice.put(`${CREW}/team/devs/members/${name}`);
      assert.deepEqual(
        [bad.outcome, bad.json.field],
        ["400 PARAMETER_INVALID", "membername"],
        name,
      );
    }
    const none = await alice.put(`${CREW}/team/none/members/bob`);
    assert.equal(none.outcome, "404 NOT_FOUND");
    assert.equal((await bob.put(`${CREW}/team/devs/members/carol`)).outcome, "403 DENIED");

    // Members see each other, strangers see nothing.
    const all = await bob.get(`${CREW}/team/devs/members?includePending=true`);
    assert.deepEqual(namesOf(all.json.members), ["bob", "dave", "crew+ci"]);
    assert.deepEqual([all.json.name, all.json.can_edit], ["devs", false]);
    assert.equal((await alice.get(`${CREW}/team/devs/members`)).json.can_edit, true);
    assert.equal((await bob.get(`${CREW}/team/owners/members`)).outcome, "403 DENIED");
    assert.equal((await carol.get(`${CREW}/team/devs/members`)).outcome, "403 DENIED");
    const { json: crew } = await bob.get(CREW);
    assert.deepEqual([crew.teams.devs.can_view, crew.teams.owners.can_view], [true, false]);
    assert.equal(crew.teams.devs.member_count, 3);

    const first = await alice.get(`${CREW}/team/devs/members?limit=2`);
    assert.deepEqual(namesOf(first.json.members), ["bob", "dave"]);
    const next = encodeURIComponent(first.json.next_page);
    const second = await alice.get(`${CREW}/team/devs/members?limit=2&next_page=${next}`);
    assert.deepEqual(namesOf(second.json.members), ["crew+ci"]);
    assert.equal((await alice.get(`${CREW}/team/devs/members?next_page=%00`)).status, 400);

    const permissions = `${CREW}/team/devs/permissions`;
    assert.deepEqual((await alice.get(permissions)).json.permissions, []);
    for (const name of ["one", "two/deep"]) {
      await registry.pushImage(`crew/${name}`, "v1", smallImage());
      const path = `/repository/crew/${name}/permissions/team/devs`;
      assert.equal((await alice.put(path, { role: "write" })).status, 200);
    }
    assert.deepEqual((await alice.get(permissions)).json.permissions, [
      { repository: { name: "one", is_public: false }, role: "write" },
      { repository: { name: "two/deep", is_public: false }, role: "write" },
    ]);
    assert.equal((await alice.get(CREW)).json.teams.devs.repo_count, 2);
    assert.equal((await bob.get(permissions)).outcome, "403 DENIED");

    // What a team gave is gone at once.
    const pull = await clientOf(registry, "bob");
    assert.equal((await pull.get("/v2/crew/one/manifests/v1")).status, 200);
    assert.equal((await alice.delete(`${CREW}/team/devs/members/bob`)).status, 204);
    assert.equal((await alice.delete(`${CREW}/team/devs/members/bob`)).outcome, "404 NOT_FOUND");
    assert.equal((await pull.get("/v2/crew/one/manifests/v1")).outcome, "404 NAME_UNKNOWN");
  });

  test("users who are new to an organization are invited where the configuration says so", async () => {
    await using registry = await start({ config: { accounts: { teamInvitations: true } } });
    const { alice, bob, carol } = await setUp(registry, "bob", "carol");
    assert(alice !== undefined && bob !== undefined && carol !== undefined);
    for (const team of ["devs", "ops"]) await alice.put(`${CREW}/team/${team}`, { role: "member" });
    const members = `${CREW}/team/devs/members`;
    assert.equal((await alice.put(`${members}/bob`)).json.invited, true);
    assert.equal((await alice.put(`${members}/bob`)).json.invited, true);
    assert.deepEqual(namesOf((await alice.get(members)).json.members), []);
    const pending = await alice.get(`${members}?includePending=true`);
    assert.deepEqual(
      pending.json.members.map(({ name, invited }: Record<string, unknown>) => [name, invited]),
      [["bob", true]],
    );

    // The code waits behind the bell, the last one alone.
    const bell = await bob.get("/user/notifications");
    const [notice, ...others] = bell.json.notifications;
    assert.deepEqual(others, []);
    assert.equal(notice.kind, "org_team_invite");
    const { code, ...facts } = notice.metadata;
    assert.deepEqual(facts, { inviter: "alice", org: "crew", team: "devs" });
    assert.equal((await carol.put(`/teaminvite/${code}`)).outcome, "404 NOT_FOUND");
    assert.equal((await bob.put("/teaminvite/none")).outcome, "404 NOT_FOUND");

    // One acceptance is for all teams of the organization.
    await alice.put(`${CREW}/team/ops/members/bob`);
    assert.deepEqual((await bob.put(`/teaminvite/${code}`)).json, { org: "crew", team: "devs" });
    assert.equal((await bob.put(`/teaminvite/${code}`)).outcome, "404 NOT_FOUND");
    assert.deepEqual((await bob.get("/user/notifications")).json.notifications, []);
    const { json: crew } = await bob.get(CREW);
    assert.deepEqual([crew.teams.devs.member_count, crew.teams.ops.member_count], [1, 1]);
    // Who is in one team joins others at once; so does whoever adds themselves.
    await alice.put(`${CREW}/team/qa`, { role: "member" });
    assert.equal((await alice.put(`${CREW}/team/qa/members/bob`)).json.invited, false);
    const admin = new ApiClient(registry.admin);
    assert.equal((await admin.put(`${CREW}/team/qa/members/admin`)).json.invited, false);

    await alice.put(`${members}/carol`);
    const toCarol = (await carol.get("/user/notifications")).json.notifications[0].metadata.code;
    assert.equal((await carol.delete(`/teaminvite/${toCarol}`)).status, 204);
    assert.equal((await carol.put(`/teaminvite/${toCarol}`)).outcome, "404 NOT_FOUND");
    await alice.put(`${members}/carol`);
    assert.equal((await alice.delete(`${members}/carol`)).status, 204);
    assert.deepEqual((await carol.get("/user/notifications")).json.notifications, []);
    assert.equal((await alice.get(`${members}?includePending=true`)).json.members.length, 1);

    assert.equal(
      (await alice.put(`${CREW}/team/devs/invite/eve@example.com`)).outcome,
      "400 CONFLICT",
    );
    const audit = await auditOf(registry);
    assert.deepEqual(
      audit.map(([kind]) => kind).filter((kind) => kind.includes("invite")),
      [
        "org_invite_team_member",
        "org_invite_team_member",
        "org_invite_team_member",
        "org_team_member_invite_accepted",
        "org_team_member_invite_accepted",
        "org_invite_team_member",
        "org_team_member_invite_declined",
        "org_invite_team_member",
        "org_delete_team_member_invite",
      ],
    );
    assert(!audit.some(([, metadata]) => /wharf_/.test(metadata)));
  });

  test("an invitation is good for thirty days", async () => {
    const clock = { now: Date.now() };
    await using registry = await start({
      now: () => clock.now,
      config: { accounts: { teamInvitations: true } },
    });
    const { alice, bob } = await setUp(registry, "bob");
    assert(alice !== undefined && bob !== undefined);
    await alice.put(`${CREW}/team/devs`, { role: "member" });
    await alice.put(`${CREW}/team/devs/members/bob`);
    const { code } = (await bob.get("/user/notifications")).json.notifications[0].metadata;
    clock.now += 31 * 86_400_000;
    assert.equal((await bob.put(`/teaminvite/${code}`)).outcome, "404 NOT_FOUND");
    const { json } = await alice.get(`${CREW}/team/devs/members?includePending=1`);
    assert.deepEqual(json.members, []);
  });

  test("whoever reads mail at an address is invited by mail", async () => {
    await using mails = await TestMailServer.start();
    await using registry = await start({
      config: {
        accounts: { teamInvitations: true },
        mail: { url: mails.url, from: "wharf@example.com", timeout: 5000 },
        server: { url: "https://registry.example.com" },
      },
    });
    const { alice, bob, carol } = await setUp(registry, "bob", "carol");
    assert(alice !== undefined && bob !== undefined && carol !== undefined);
    await alice.put(`${CREW}/team/devs`, { role: "member" });
    const invite = `${CREW}/team/devs/invite`;
    const { avatar, ...invited } = (await alice.put(`${invite}/Eve@Example.com`)).json;
    assert.deepEqual(invited, { email: "eve@example.com", kind: "invite", invited: true });
    assert.equal(avatar.name, "eve@example.com");
    const first = codeIn(await mails.mail(1));
    assert.equal((await bob.put(`${invite}/x@example.com`)).outcome, "403 DENIED");
    const bad = await alice.put(`${invite}/nobody`);
    assert.deepEqual([bad.outcome, bad.json.field], ["400 PARAMETER_INVALID", "email"]);

    // Once more sends another mail, and its code alone is good.
    await alice.put(`${invite}/eve@example.com`);
    const second = codeIn(await mails.mail(2));
    const { json } = await alice.get(`${CREW}/team/devs/members?includePending=true`);
    assert.deepEqual(namesOf(json.members), ["<eve@example.com>"]);
    await registry.settled();
    assert.equal((await carol.put(`/teaminvite/${first}`)).outcome, "404 NOT_FOUND");
    assert.deepEqual((await carol.put(`/teaminvite/${second}`)).json, {
      org: "crew",
      team: "devs",
    });
    assert.equal((await bob.put(`/teaminvite/${second}`)).outcome, "404 NOT_FOUND");
    assert.equal((await carol.get(CREW)).json.is_member, true);

    await alice.put(`${invite}/dan@example.com`);
    const third = codeIn(await mails.mail(3));
    await registry.settled();
    assert.equal((await alice.delete(`${invite}/Dan@example.com`)).status, 204);
    assert.equal((await alice.delete(`${invite}/dan@example.com`)).outcome, "404 NOT_FOUND");
    assert.equal((await bob.put(`/teaminvite/${third}`)).outcome, "404 NOT_FOUND");

    // A user who is invited by name is told by mail as well; their code waits behind the bell.
    await registry.database.transaction((trx) =>
      trx
        .updateTable("accounts")
        .set({ email: "bob@example.com" })
        .where("name", "=", "bob")
        .execute(),
    );
    assert.equal((await alice.put(`${CREW}/team/devs/members/bob`)).json.invited, true);
    const told = await mails.mail(4);
    assert.deepEqual(told.to, ["bob@example.com"]);
    assert.match(told.text, /alice invites you to the team devs/);
  });

  test("the members of a synchronized team are chosen elsewhere, but for its robots", async () => {
    await using registry = await start();
    const { alice } = await setUp(registry, "bob");
    assert(alice !== undefined);
    await alice.put(`${CREW}/team/devs`, { role: "member" });
    await alice.put(`${CREW}/robots/ci`, {});
    await registry.database.transaction(async (trx) => {
      const { id } = await trx
        .selectFrom("teams")
        .select("id")
        .where("name", "=", "devs")
        .executeTakeFirstOrThrow();
      await trx
        .insertInto("team_syncs")
        .values({
          team_id: id,
          service: "ldap",
          group_name: "cn=devs",
          synced_at: 0,
          last_error: null,
        })
        .execute();
    });
    for (const refused of [
      await alice.put(`${CREW}/team/devs/members/bob`),
      await alice.delete(`${CREW}/team/devs/members/bob`),
    ]) {
      assert.equal(refused.outcome, "400 CONFLICT");
      assert.match(refused.json.detail, /group cn=devs of ldap/);
    }
    assert.equal((await alice.put(`${CREW}/team/devs/members/crew+ci`)).status, 200);
    assert.equal((await alice.delete(`${CREW}/team/devs/members/crew+ci`)).status, 204);
    const { json } = await alice.get(`${CREW}/team/devs/members`);
    assert.deepEqual(json.synced.config, { group_dn: "cn=devs" });
    assert.equal(json.synced.last_updated, "Thu, 01 Jan 1970 00:00:00 -0000");
    assert.equal((await alice.get(CREW)).json.teams.devs.is_synced, true);
  });
});

/** Another login of a user there is. */
async function clientOf(registry: TestRegistry, name: string): Promise<HttpClient> {
  const { administration } = registry;
  const { secret } = await createApplicationToken(administration, OPERATOR, name, { title: "two" });
  return registry.client(basic("$app", secret));
}
