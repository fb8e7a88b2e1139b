import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { everyDatabase } from "../database/testing/every-database.ts";
import type { TestDatabase } from "../database/testing/every-database.ts";
import { RegistryError } from "../http/registry-error.ts";
import { changeRepository } from "../repositories/repository-settings.ts";
import { deleteRepository } from "../repositories/delete-repository.ts";
import { findAccountByName, updateAccount } from "./account-store.ts";
import { OPERATOR } from "./admin/actor.ts";
import { deleteOrganization } from "./admin/organizations.ts";
import {
  removeRepositoryPermission,
  setRepositoryPermission,
} from "./admin/repository-permissions.ts";
import { createRobot } from "./admin/robots.ts";
import { insertTeam, insertTeamMember } from "./team-store.ts";
import { deleteTeam } from "./teams/delete-team.ts";
import { addTeamMember } from "./teams/team-members.ts";
import { ANONYMOUS } from "./principal.ts";
import type { Principal, RepositoryAction } from "./principal.ts";
import {
  addOrganization,
  addRepository,
  addUser,
  basic,
  callerWith,
  testAccounts,
} from "./testing/test-accounts.ts";

const ACTIONS = ["pull", "push", "delete", "admin"] as const;
const ALL = "pull push delete admin";
const WRITE = "pull push delete";

/** Everybody, and what they may do with `team/secret`, `team/open` and `team/new`, which does not exist. */
async function setUp(database: TestDatabase) {
  const all = testAccounts(database);
  const { accounts, administration } = all;
  const root = await addUser(all, "root", { superuser: true });
  const owner = await addUser(all, "owner");
  const organization = await addOrganization(all, "team", "owner");
  const people: Record<string, Principal> = { root, owner, anonymous: ANONYMOUS };
  for (const name of ["reader", "writer", "administrator", "creator", "member", "stranger"]) {
    people[name] = await addUser(all, name);
  }
  const { id } = await addRepository(all, owner, "team/secret");
  await addRepository(all, owner, "team/open", "public");
  for (const [account, role] of [
    ["reader", "read"],
    ["writer", "write"],
    ["administrator", "admin"],
  ] as const) {
    const permission = { repository: "team/secret", account, role };
    await setRepositoryPermission(administration, OPERATOR, permission);
  }
  await database.transaction(async (trx) => {
    const { creator, member } = people;
    assert(creator?.kind === "account" && member?.kind === "account");
    const values = { organizationId: organization.id, description: "" };
    const creators = await insertTeam(trx, { ...values, name: "creators", role: "creator" });
    await insertTeamMember(trx, creators, creator.accountId);
    const members = await insertTeam(trx, { ...values, name: "members", role: "member" });
    await insertTeamMember(trx, members, member.accountId);
    await trx
      .insertInto("repository_team_permissions")
      .values({ repository_id: id, team_id: members, role: "write" })
      .execute();
  });
  for (const [namespace, short] of [
    ["team", "ci"],
    ["stranger", "bot"],
  ] as const) {
    const robot = await createRobot(administration, OPERATOR, { namespace, short });
    const principal = await accounts.authenticate(callerWith(basic(robot.name, robot.token)));
    people[robot.name] = principal;
  }
  await setRepositoryPermission(administration, OPERATOR, {
    repository: "team/secret",
    account: "team+ci",
    role: "write",
  });
  people["holder"] = { kind: "repository", repositoryId: id, role: "write" };
  people["token"] = {
    kind: "token",
    accountId: owner.accountId,
    name: "owner",
    isSuperuser: true,
    access: new Map([["team/secret", new Set(["push"])]]),
    catalog: false,
  };
  return { ...all, people };
}

suite("permissions", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    test("everybody may do what their role allows, and no more", async () => {
      await using database = await openTestDatabase();
      const { accounts, people } = await setUp(database);
      const found: Record<string, readonly string[]> = {};
      for (const [name, principal] of Object.entries(people)) {
        const may = async (repositoryName: string): Promise<string> => {
          const granted = [];
          const repository = await accounts.findRepository(repositoryName);
          for (const action of ACTIONS) {
            const caller = callerWith(undefined);
            const wish = { caller, principal, action, repository, name: repositoryName };
            const error: unknown = await accounts
              .authorize(wish)
              .catch((reason: unknown) => reason);
            if (error === undefined) granted.push(action);
            else assert(error instanceof RegistryError);
          }
          return granted.join(" ");
        };
        found[name] = [await may("team/secret"), await may("team/open"), await may("team/new")];
      }
      assert.deepEqual(found, {
        root: [ALL, ALL, "push"],
        owner: [ALL, ALL, "push"],
        anonymous: ["", "pull", ""],
        reader: ["pull", "pull", ""],
        writer: [WRITE, "pull", ""],
        administrator: [ALL, "pull", ""],
        creator: ["", "pull", "push"],
        member: [WRITE, "pull", ""],
        stranger: ["", "pull", ""],
        "team+ci": [WRITE, "pull", ""],
        "stranger+bot": ["", "pull", ""],
        holder: [WRITE, "pull", ""],
        token: ["push", "", ""],
      });
    });

    test("refusals say what clients understand, and not which private repositories there are", async () => {
      await using database = await openTestDatabase();
      const { accounts, people } = await setUp(database);
      const refusal = async (
        who: string,
        action: RepositoryAction,
        name: string,
      ): Promise<RegistryError> => {
        const principal = people[who];
        assert(principal !== undefined);
        const repository = await accounts.findRepository(name);
        const wish = { caller: callerWith(undefined), principal, action, repository, name };
        const error: unknown = await accounts.authorize(wish).catch((reason: unknown) => reason);
        assert(error instanceof RegistryError, `${who} may ${action} ${name}`);
        return error;
      };
      const challenge = (scope: string): string =>
        `Bearer realm="https://registry.test/v2/auth",service="registry.test",scope="${scope}"`;

      const anonymous = await refusal("anonymous", "pull", "team/secret");
      assert.equal(anonymous.status, 401);
      assert.equal(anonymous.headers["WWW-Authenticate"], challenge("repository:team/secret:pull"));
      const push = await refusal("anonymous", "push", "team/open");
      assert.equal(push.headers["WWW-Authenticate"], challenge("repository:team/open:pull,push"));
      const token = await refusal("token", "pull", "team/secret");
      assert.equal(
        token.headers["WWW-Authenticate"],
        `${challenge("repository:team/secret:pull")},error="insufficient_scope"`,
      );
      assert.equal((await refusal("reader", "push", "team/secret")).code, "DENIED");
      assert.equal((await refusal("stranger", "pull", "team/secret")).code, "NAME_UNKNOWN");

      for (const who of ["stranger", "stranger+bot", "anonymous", "token"]) {
        for (const action of ACTIONS) {
          if (who === "token" && action === "push") continue; // it was granted
          const there = await refusal(who, action, "team/secret");
          const notThere = await refusal(who, action, "team/no-such");
          const shape = ({ status, body, headers }: RegistryError): string =>
            JSON.stringify([status, body, headers]).replaceAll("team/secret", "team/no-such");
          assert.equal(shape(there), shape(notThere), `${who} ${action}`);
        }
      }
      for (const who of ["root", "stranger", "token"]) {
        const missing = await refusal(who, "push", "nowhere/app");
        assert.equal(missing.code, "NAME_UNKNOWN");
        assert.match(missing.body, /wharf admin organization create nowhere/);
      }
      assert.equal((await refusal("anonymous", "push", "nowhere/app")).status, 401);
    });

    test("a change of a permission counts at once", async () => {
      await using database = await openTestDatabase();
      const { accounts, administration, people } = await setUp(database);
      const repository = await accounts.findRepository("team/secret");
      const { stranger } = people;
      assert(repository !== undefined && stranger !== undefined);
      const may = async (): Promise<string> => {
        const roles = [];
        for (const action of ACTIONS) {
          if (await accounts.may(stranger, action, repository)) roles.push(action);
        }
        return roles.join(" ");
      };
      const permission = { repository: "team/secret", account: "stranger" };
      assert.equal(await may(), "");
      await setRepositoryPermission(administration, OPERATOR, { ...permission, role: "read" });
      assert.equal(await may(), "pull");
      await setRepositoryPermission(administration, OPERATOR, { ...permission, role: "admin" });
      assert.equal(await may(), ALL);
      assert(await removeRepositoryPermission(administration, OPERATOR, permission));
      assert(!(await removeRepositoryPermission(administration, OPERATOR, permission)));
      assert.equal(await may(), "");
    });

    test("teams give robots what they give users, but no rights in the API; a disabled organization gives none", async () => {
      await using database = await openTestDatabase();
      const { accounts, administration, people } = await setUp(database);
      const { rights, permissions } = accounts;
      const { owner, creator, "team+ci": robot } = people;
      assert(owner?.kind === "account" && creator?.kind === "account" && robot?.kind === "account");
      const repository = await accounts.findRepository("team/open");
      const organization = await findAccountByName(database.read, "team");
      assert(repository !== undefined && organization !== undefined);
      assert.equal(await permissions.roleOn(robot, repository), "read");
      assert(!(await permissions.mayCreateIn(robot, "team/new")));
      const team = { organization: "team", team: "creators", member: "team+ci" };
      await addTeamMember(administration, owner, team);
      assert(await permissions.mayCreateIn(robot, "team/new"));
      assert(!(await permissions.mayCreateIn(robot, "owner/new")));
      assert.equal(await permissions.roleOn(robot, repository), "read");
      await addTeamMember(administration, owner, { ...team, team: "owners" });
      assert.equal(await permissions.roleOn(robot, repository), "admin");
      for (const right of ["organization.read", "organization.admin"] as const) {
        assert(!(await rights.has(robot, right, { organization })), right);
      }
      assert(!(await rights.has(robot, "repository.permissions", { repository })));
      assert(await rights.has(creator, "organization.read", { organization }));
      assert(!(await rights.has(creator, "organization.admin", { organization })));

      await database.transaction((trx) => updateAccount(trx, organization.id, { enabled: 0 }));
      for (const principal of [robot, creator]) {
        assert(!(await permissions.mayCreateIn(principal, "team/new")), principal.name);
      }
    });

    test("a team that is gone gives nothing any more, and neither does its organization", async () => {
      await using database = await openTestDatabase();
      const { accounts, administration, clock, people } = await setUp(database);
      const { owner, member } = people;
      assert(owner?.kind === "account" && member?.kind === "account");
      const repository = await accounts.findRepository("team/secret");
      const organization = await findAccountByName(database.read, "team");
      assert(repository !== undefined && organization !== undefined);
      assert.equal(await accounts.permissions.roleOn(member, repository), "write");
      await deleteTeam(administration, owner, { organization: "team", name: "members" });
      assert.equal(await accounts.permissions.roleOn(member, repository), undefined);
      assert.equal(await accounts.permissions.namespaceRole(member, organization), undefined);
      for (const name of ["team/secret", "team/open"]) {
        await deleteRepository(administration, OPERATOR, name);
      }
      await deleteOrganization(administration, owner, "team");
      assert.equal(await accounts.permissions.namespaceRole(owner, organization), undefined);
      const left = await database.read.selectFrom("team_members").select("team_id").execute();
      assert.deepEqual(left, []);
      // A later organization of that name is another one.
      await addOrganization({ accounts, administration, clock }, "team", "member");
      assert(!(await accounts.permissions.mayCreateIn(owner, "team/new")));
    });

    test("nobody pushes to a read-only repository", async () => {
      await using database = await openTestDatabase();
      const { accounts, administration, people } = await setUp(database);
      const name = "team/secret";
      await changeRepository(administration, OPERATOR, name, { state: "read-only" });
      for (const who of ["root", "owner", "writer", "token"]) {
        const principal = people[who];
        assert(principal !== undefined);
        const caller = callerWith(undefined);
        await assert.rejects(accounts.openRepository(caller, principal, "push", name), {
          code: "DENIED",
          message: /read-only/,
        });
      }
      assert(people["reader"] !== undefined);
      assert(await accounts.readableRepository(people["reader"], name));
    });

    test("the catalog holds what its reader may see", async () => {
      await using database = await openTestDatabase();
      const { accounts, people } = await setUp(database);
      const seen: Record<string, string> = {};
      for (const [who, principal] of Object.entries(people)) {
        const page = { after: "", limit: 10 };
        const names: unknown = await accounts
          .catalog(callerWith(undefined), principal, page)
          .catch((error: unknown) => error);
        seen[who] = names instanceof RegistryError ? String(names.status) : String(names);
      }
      const both = "team/open,team/secret";
      assert.deepEqual(seen, {
        root: both,
        owner: both,
        anonymous: "401",
        reader: both,
        writer: both,
        administrator: both,
        creator: "team/open",
        member: both,
        stranger: "team/open",
        "team+ci": both,
        "stranger+bot": "team/open",
        holder: both,
        token: "401",
      });
      const { reader, token } = people;
      assert(reader !== undefined && token?.kind === "token");
      const caller = callerWith(undefined);
      const next = { after: "team/open", limit: 10 };
      assert.deepEqual(await accounts.catalog(caller, reader, next), ["team/secret"]);
      const first = { after: "", limit: 1 };
      assert.deepEqual(await accounts.catalog(caller, reader, first), ["team/open"]);
      const forAnybody = { ...token, accountId: undefined, isSuperuser: false, catalog: true };
      assert.deepEqual(await accounts.catalog(caller, forAnybody, { after: "\0", limit: 9 }), []);
      assert.deepEqual(await accounts.catalog(caller, forAnybody, { after: "", limit: 9 }), [
        "team/open",
      ]);
    });
  });
});
