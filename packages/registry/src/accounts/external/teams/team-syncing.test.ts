// Long because it is one thing: teams and users that follow a directory, over its whole life.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { LdapConfig } from "../../../config/config.ts";
import { ApiClient } from "../../../testing/api-client.ts";
import { basic, everyRegistry, ORGANIZATION } from "../../../testing/test-registry.ts";
import type { StartTestRegistry, TestRegistry } from "../../../testing/test-registry.ts";
import { createAccounts } from "../../accounts.ts";
import { OPERATOR } from "../../admin/actor.ts";
import { createApplicationToken, createOauthToken } from "../../admin/access-secrets.ts";
import { setEnabled } from "../../admin/users.ts";
import { findAccountByName } from "../../account-store.ts";
import { insertTeam, insertTeamMember } from "../../team-store.ts";
import { syncDirectory } from "../ldap/sync-directory.ts";
import { putTeamSync } from "./team-sync-store.ts";
import { groupDn, startTestDirectory, userDn, whyNoDirectory } from "../testing/test-directory.ts";
import type { TestDirectory } from "../testing/test-directory.ts";

suite("teams that follow groups", { skip: whyNoDirectory() ?? false }, () => {
  everyRegistry((start) => {
    test("a team has the members of its group, who have accounts, and its own robots", async () => {
      await using world = await openWorld(start);
      const { registry, slapd, admin } = world;
      await world.signIn("alice");
      await world.signIn("carol");
      await registry.robot("bot");
      await registry.user("local");
      await world.join("devs", "team+bot", "local", "carol");
      const path = "/organization/team/team/devs/syncing";
      const enabled = await admin.post(path, { group_dn: "cn=devs,ou=groups" });
      assert.equal(enabled.status, 200);
      assert.deepEqual(
        [enabled.json.name, enabled.json.role, enabled.json.is_synced, enabled.json.can_view],
        ["devs", "member", true, true],
      );
      await registry.settled();
      assert.deepEqual(await world.members("devs"), ["alice", "team+bot"]);
      const shown = await admin.get("/organization/team/team/devs/members");
      assert.equal(shown.json.synced.service, "ldap");
      assert.deepEqual(shown.json.synced.config, { group_dn: groupDn("devs") });
      assert.equal(shown.json.synced.last_error, null);
      assert.match(shown.json.synced.last_updated, /^\w{3}, \d\d \w{3} \d{4}/);

      // Bob is in the group and comes in with his first sign-in and the next look.
      await world.signIn("bob");
      await slapd.set(groupDn("devs"), "member", [userDn("bob"), userDn("carol")]);
      await world.sync();
      assert.deepEqual(await world.members("devs"), ["bob", "carol", "team+bot"]);
      assert.equal((await admin.put("/organization/team/team/devs/members/local")).status, 400);

      assert.equal((await admin.delete(path)).json.is_synced, false);
      assert.equal((await admin.delete(path)).status, 200);
      await slapd.set(groupDn("devs"), "member", [userDn("alice")]);
      await world.sync();
      assert.deepEqual(await world.members("devs"), ["bob", "carol", "team+bot"]);
      await registry.settled();
      assert.deepEqual(await world.audit(/^(?:org_.*member|.*team_sync)$/), [
        "disable_team_sync",
        "enable_team_sync",
        "org_add_team_member",
        "org_add_team_member",
        "org_add_team_member",
        "org_remove_team_member",
        "org_remove_team_member",
        "org_remove_team_member",
      ]);
    });

    test("a group that is gone, and a directory that is, leave the members as they are", async () => {
      await using world = await openWorld(start);
      const { slapd, admin } = world;
      await world.signIn("alice");
      await world.follow("devs", "devs");
      await world.follow("ops", "ops");
      await world.signIn("carol");
      await world.sync();
      assert.deepEqual(await world.members("devs"), ["alice"]);
      assert.deepEqual(await world.members("ops"), ["carol"]);
      await slapd.remove(groupDn("devs"));
      await world.sync();
      assert.deepEqual(await world.members("devs"), ["alice"]);
      assert.equal(await world.lastError("devs"), `the directory has no group ${groupDn("devs")}`);
      assert.equal(await world.lastError("ops"), null);
      await slapd.stop();
      await assert.rejects(world.sync(), { code: "UNAVAILABLE" });
      assert.deepEqual(await world.members("ops"), ["carol"]);
      const shown = await admin.get("/organization/team/team/ops/members");
      assert.match(shown.json.synced.last_error, /^the directory that knows passwords cannot be/);
      await slapd.resume();
      await world.sync();
      assert.equal(await world.lastError("ops"), null);
    });

    test("members are told by name, by group or by user, and can be made users before they come", async () => {
      await using world = await openWorld(start, { createMembers: true });
      const { slapd } = world;
      await world.follow("devs", "devs");
      await world.follow("none", "none");
      await world.sync();
      assert.deepEqual(await world.members("devs"), ["alice", "bob"]);
      assert.deepEqual(await world.members("none"), []);
      await world.follow("posix", "posix");
      await world.sync({ memberAttribute: "memberUid" });
      assert.deepEqual(await world.members("posix"), ["alice"]);
      await slapd.set(userDn("carol"), "seeAlso", [groupDn("devs")]);
      await world.sync({ memberOfAttribute: "seeAlso" });
      assert.deepEqual(await world.members("devs"), ["carol"]);
      assert.equal(await world.signIn("carol"), 200);
    });

    test("the last one who administrates stays until somebody else does", async () => {
      await using world = await openWorld(start);
      const { registry } = world;
      await world.signIn("alice");
      await world.follow("owners", "ops");
      await registry.database.transaction(async (trx) => {
        const alice = await findAccountByName(trx, "alice");
        const { id } = await trx
          .selectFrom("teams")
          .select("id")
          .where("name", "=", "owners")
          .executeTakeFirstOrThrow();
        await trx.deleteFrom("team_members").where("team_id", "=", id).execute();
        await insertTeamMember(trx, id, alice?.id ?? 0);
      });
      await world.sync();
      assert.deepEqual(await world.members("owners"), ["alice"]);
      assert.match(
        (await world.lastError("owners")) ?? "",
        /^nobody would administrate team: alice/,
      );
      await world.signIn("carol");
      await world.sync();
      assert.deepEqual(await world.members("owners"), ["carol"]);
      assert.equal(await world.lastError("owners"), null);
    });

    test("whom the directory does not have any more is disabled, and enabled when it has them again", async () => {
      await using world = await openWorld(start);
      const { registry, slapd } = world;
      await world.signIn("alice");
      await world.signIn("bob");
      const { secret } = await createApplicationToken(registry.administration, OPERATOR, "alice", {
        title: "ci",
      });
      const byToken = async (): Promise<number> =>
        (await registry.client(basic("$app", secret)).get("/v2/")).status;
      assert.equal(await byToken(), 200);
      // Not by the filter, such as a flag of people who have left.
      const left = { userFilter: "(&(objectClass=person)(!(description=left)))" };
      await slapd.set(userDn("alice"), "description", ["left"]);
      await world.sync(left);
      assert.equal(await byToken(), 401);
      assert.equal(await world.enabled("bob"), true);
      await world.sync(left);
      await slapd.set(userDn("alice"), "description", []);
      await world.sync(left);
      assert.equal(await byToken(), 200);
      // Whom a superuser has disabled stays so.
      await setEnabled(registry.administration, OPERATOR, "bob", false);
      await world.sync(left);
      assert.equal(await world.enabled("bob"), false);
      // A look that shows nobody at all says nothing of anybody.
      await world.sync({ userFilter: "(description=nobody)" });
      await world.sync({ baseDn: "ou=groups,dc=example,dc=com" });
      assert.equal(await world.enabled("alice"), true);
      await registry.settled();
      assert.deepEqual(await world.audit(/^user_(?:dis|en)able$/), [
        "user_disable",
        "user_disable",
        "user_enable",
      ]);
    });

    test("the last superuser stays, whatever the directory has", async () => {
      await using world = await openWorld(start);
      const { registry, slapd } = world;
      await world.signIn("alice");
      await world.signIn("bob");
      await registry.database.transaction(async (trx) => {
        await trx.updateTable("accounts").set({ superuser: 0 }).execute();
        await trx
          .updateTable("accounts")
          .set({ superuser: 1 })
          .where("name", "=", "alice")
          .execute();
      });
      await slapd.remove(userDn("alice"));
      await world.sync();
      assert.equal(await world.enabled("alice"), true);
    });

    test("many who are lost at once are not believed", async () => {
      await using world = await openWorld(start, { createMembers: true });
      const { registry, slapd } = world;
      const names = Array.from({ length: 11 }, (_, number) => `user${number}`);
      for (const name of names) await slapd.addUser(name, { description: "crowd" });
      await slapd.set(groupDn("devs"), "member", names.map(userDn));
      await world.follow("devs", "devs");
      await world.sync();
      assert.equal((await world.members("devs")).length, 11);
      await world.signIn("alice");
      const fewer = { userFilter: "(&(objectClass=person)(!(description=crowd)))" };
      await world.sync(fewer);
      assert.equal(await world.enabled("user3"), true);
      assert.equal((await world.members("devs")).length, 11);
      assert.match((await world.lastError("devs")) ?? "", /^the directory has lost 11 of 12 users/);
      const { read } = registry.database;
      const missing = await read
        .selectFrom("external_logins")
        .select("subject")
        .where("missing_since", "is not", null)
        .execute();
      assert.deepEqual(missing, []);
      // Whom somebody has disabled by hand is not missed.
      for (const name of names.slice(1)) {
        await setEnabled(registry.administration, OPERATOR, name, false);
      }
      await world.sync(fewer);
      assert.equal(await world.enabled("user0"), false);
    });

    test("who may let a team follow a group, and which", async () => {
      await using world = await openWorld(start);
      const { registry, admin } = world;
      const path = "/organization/team/team/devs/syncing";
      const owner = new ApiClient(await registry.user("owner"));
      await world.join("owners", "owner");
      const body = { group_dn: groupDn("devs") };
      assert.equal((await owner.post(path, body)).outcome, "403 DENIED");
      assert.equal((await owner.delete(path)).outcome, "403 DENIED");
      const offers = await owner.get("/organization/team/team/devs/members");
      assert.equal(offers.json.can_sync, undefined);
      for (const [wrong, field] of [
        [{}, "group_dn"],
        [{ group_dn: "cn=nothing" }, "group_dn"],
        [{ group_dn: "no name" }, "group_dn"],
        [{ group_dn: userDn("alice") }, "group_dn"],
        [{ group_dn: groupDn("devs"), group_name: "x" }, "group_dn"],
        [{ group_name: "x" }, "group_name"],
        [{ group_dn: "\0" }, "group_dn"],
      ] as const) {
        const { outcome, json } = await admin.post(path, wrong);
        assert.equal(outcome, "400 PARAMETER_INVALID", JSON.stringify(wrong));
        assert.equal(json.detail_data?.field ?? field, field);
      }
      const none = "/organization/team/team/nothing/syncing";
      assert.equal((await admin.post(none, body)).outcome, "404 NOT_FOUND");
      await registry.restart({ accounts: { teamSyncByAdmins: true } });
      const again = new ApiClient(registry.client(await world.token("owner")));
      const offered = await again.get("/organization/team/team/devs/members");
      assert.deepEqual(offered.json.can_sync, {
        service: "ldap",
        services: ["ldap"],
        base_dn: "dc=example,dc=com",
      });
      assert.equal((await again.post(path, body)).status, 200);
    });
  });
});

interface World extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly slapd: TestDirectory;
  /** A superuser. */
  readonly admin: ApiClient;
  /** Status of a user of the directory who shows their password. */
  readonly signIn: (name: string) => Promise<number>;
  /** Lets a team follow a group of the same folder as the others. */
  readonly follow: (team: string, group: string) => Promise<void>;
  readonly join: (team: string, ...members: string[]) => Promise<void>;
  /** Looks at the directory now, by another configuration if need be. */
  readonly sync: (changes?: Partial<LdapConfig>) => Promise<void>;
  readonly members: (team: string) => Promise<string[]>;
  readonly lastError: (team: string) => Promise<string | null | undefined>;
  readonly enabled: (name: string) => Promise<boolean>;
  readonly audit: (kinds: RegExp) => Promise<string[]>;
  /** An `Authorization` header of a user. */
  readonly token: (name: string) => Promise<string>;
}

async function openWorld(
  start: StartTestRegistry,
  changes: Partial<LdapConfig> = {},
): Promise<World> {
  const stack = new AsyncDisposableStack();
  const slapd = stack.use(await startTestDirectory());
  const registry = stack.use(await start({ config: { ldap: slapd.config(changes) } }));
  await registry.settled();
  const { database, administration } = registry;
  const organization = await findAccountByName(database.read, ORGANIZATION);
  const organizationId = organization?.id ?? 0;
  await database.transaction(async (trx) => {
    for (const name of ["devs", "ops", "none", "posix"]) {
      await insertTeam(trx, { organizationId, name, role: "member", description: "" });
    }
  });
  const idOf = async (team: string): Promise<number> => {
    const { id } = await database.read
      .selectFrom("teams")
      .select("id")
      .where("name", "=", team)
      .executeTakeFirstOrThrow();
    return id;
  };
  return {
    registry,
    slapd,
    get admin() {
      return new ApiClient(registry.admin);
    },
    signIn: async (name) => {
      const client = registry.client(basic(name, `${name} secret`));
      return (await client.get("/v2/")).status;
    },
    follow: async (team, group) => {
      const id = await idOf(team);
      await database.transaction((trx) => putTeamSync(trx, id, "ldap", groupDn(group)));
    },
    join: async (team, ...members) => {
      const id = await idOf(team);
      await database.transaction(async (trx) => {
        for (const member of members) {
          const account = await findAccountByName(trx, member);
          await insertTeamMember(trx, id, account?.id ?? 0);
        }
      });
    },
    sync: async (other = {}) => {
      const config = { ...registry.config, ldap: slapd.config({ ...changes, ...other }) };
      const { external } = createAccounts({ database, config });
      if (external.directory === undefined) throw new Error("there is no directory");
      const signal = AbortSignal.timeout(10_000);
      await syncDirectory(administration, external.directory, undefined, signal);
    },
    members: async (team) => {
      const rows = await database.read
        .selectFrom("team_members as m")
        .innerJoin("accounts as a", "a.id", "m.account_id")
        .select("a.name")
        .where("m.team_id", "=", await idOf(team))
        .orderBy("a.name")
        .execute();
      return rows.map(({ name }) => name);
    },
    lastError: async (team) => {
      const row = await database.read
        .selectFrom("team_syncs")
        .select("last_error")
        .where("team_id", "=", await idOf(team))
        .executeTakeFirst();
      return row?.last_error;
    },
    enabled: async (name) => {
      const account = await findAccountByName(database.read, name);
      return account?.enabled === 1;
    },
    audit: async (kinds) => {
      const rows = await database.read.selectFrom("audit_log").select("kind").execute();
      return rows
        .map(({ kind }) => kind)
        .filter((kind) => kinds.test(kind))
        .toSorted();
    },
    token: async (name) => {
      const { secret } = await createOauthToken(administration, OPERATOR, name, {
        title: "test",
      });
      return basic("$oauthtoken", secret);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
