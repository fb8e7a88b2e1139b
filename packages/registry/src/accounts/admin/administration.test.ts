import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { suite, test } from "node:test";
import { everyDatabase, openTestSqlite } from "../../database/testing/every-database.ts";
import {
  addOrganization,
  addRepository,
  addUser,
  ACCOUNTS_CONFIG,
  basic,
  callerWith,
  PASSWORD,
  testAccounts,
} from "../testing/test-accounts.ts";
import type { TestAccounts } from "../testing/test-accounts.ts";
import { ANONYMOUS } from "../principal.ts";
import {
  createApplicationToken,
  createOauthToken,
  deleteUserToken,
  listUserTokens,
} from "./access-secrets.ts";
import { OPERATOR } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { ensureAdministrator } from "./ensure-administrator.ts";
import { createOrganization, deleteOrganization, listOrganizations } from "./organizations.ts";
import {
  listRepositoryPermissions,
  removeRepositoryPermission,
  setRepositoryPermission,
} from "./repository-permissions.ts";
import {
  createRepositoryToken,
  deleteRepositoryToken,
  listRepositoryTokens,
} from "./repository-tokens.ts";
import { createRobot, deleteRobot, listRobots, regenerateRobotToken } from "./robots.ts";
import {
  createUser,
  deleteUser,
  listUsers,
  setEnabled,
  setPassword,
  setSuperuser,
} from "./users.ts";

const PAGE = { limit: 10 };

function accountsConfig(adminPassword?: string) {
  return { accounts: { ...ACCOUNTS_CONFIG, adminPassword, failuresPerMinute: 10 } };
}

suite("administration", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    test("the first start makes an administrator, and no later one does", async () => {
      await using database = await openTestDatabase();
      const made = await Promise.all([
        ensureAdministrator(database, accountsConfig()),
        ensureAdministrator(database, accountsConfig()),
      ]);
      const first = made.find((one) => one !== undefined);
      assert(first?.password !== undefined && /^[0-9a-z]{24}$/.test(first.password));
      assert.equal(made.filter((one) => one === undefined).length, 1);
      const { accounts } = testAccounts(database);
      const principal = await accounts.authenticate(callerWith(basic("admin", first.password)));
      assert(principal.kind === "account" && principal.isSuperuser);
      assert.equal(await ensureAdministrator(database, accountsConfig("another one")), undefined);
    });

    test("a configured password of the administrator is not shown", async () => {
      await using database = await openTestDatabase();
      const config = accountsConfig("configured");
      const made = await ensureAdministrator(database, config);
      assert.deepEqual(made, { name: "admin", password: undefined });
      const { accounts } = testAccounts(database);
      await accounts.authenticate(callerWith(basic("admin", "configured")));
    });

    test("names are taken once, by users, organizations and robots together", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const { administration } = all;
      const alice = await addUser(all, "alice");
      await addOrganization(all, "team", "alice");
      const user = { name: "alice", password: PASSWORD };
      const taken = { code: "CONFLICT", status: 400 };
      await assert.rejects(createUser(administration, OPERATOR, user), taken);
      await assert.rejects(createUser(administration, OPERATOR, { ...user, name: "team" }), taken);
      const organization = { name: "alice", owner: "alice" };
      await assert.rejects(createOrganization(administration, OPERATOR, organization), taken);
      const robot = { namespace: "team", short: "ci" };
      await createRobot(administration, alice, robot);
      await assert.rejects(createRobot(administration, alice, robot), taken);
      const nobody = { name: "other", owner: "nobody" };
      await assert.rejects(createOrganization(administration, OPERATOR, nobody), { status: 404 });
      const found = await database.read.selectFrom("accounts").select("name").execute();
      assert.deepEqual(found.map(({ name }) => name).toSorted(), ["alice", "team", "team+ci"]);
    });

    test("lists go by name", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const { administration } = all;
      for (const name of ["carol", "alice", "bob"]) await addUser(all, name);
      await addOrganization(all, "team", "alice");
      for (const short of ["zz", "aa"]) {
        await createRobot(administration, OPERATOR, { namespace: "team", short });
      }
      await createRobot(administration, OPERATOR, { namespace: "bob", short: "other" });
      const names = (listed: readonly { name: string }[]): string[] => listed.map((a) => a.name);
      assert.deepEqual(names(await listUsers(administration, OPERATOR, PAGE)), [
        "alice",
        "bob",
        "carol",
      ]);
      const second = { after: "alice", limit: 1 };
      assert.deepEqual(names(await listUsers(administration, OPERATOR, second)), ["bob"]);
      assert.deepEqual(names(await listOrganizations(administration, OPERATOR, PAGE)), ["team"]);
      assert.deepEqual(names(await listRobots(administration, OPERATOR, "team", PAGE)), [
        "team+aa",
        "team+zz",
      ]);
    });

    test("the last superuser stays", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const { administration } = all;
      await addUser(all, "root", { superuser: true });
      await addUser(all, "alice");
      const conflict = { status: 409, message: /last superuser/ };
      const refused = async (): Promise<void> => {
        await assert.rejects(setSuperuser(administration, OPERATOR, "root", false), conflict);
        await assert.rejects(setEnabled(administration, OPERATOR, "root", false), conflict);
        await assert.rejects(deleteUser(administration, OPERATOR, "root"), conflict);
      };
      await refused();
      await setSuperuser(administration, OPERATOR, "alice", true);
      await setEnabled(administration, OPERATOR, "alice", false);
      await refused();
      await setEnabled(administration, OPERATOR, "alice", true);
      // Of two that give each other up, one stays.
      const given = await Promise.allSettled([
        setSuperuser(administration, OPERATOR, "root", false),
        setSuperuser(administration, OPERATOR, "alice", false),
      ]);
      assert.deepEqual(given.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    });

    test("namespaces with repositories are not deleted, empty ones with all that is theirs", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const { administration } = all;
      const alice = await addUser(all, "alice");
      await addUser(all, "bob");
      await addOrganization(all, "team", "alice");
      await addOrganization(all, "empty", "bob");
      await createRobot(administration, OPERATOR, { namespace: "bob", short: "ci" });
      await createApplicationToken(administration, OPERATOR, "bob", { title: "" });
      await addRepository(all, alice, "alice/app");
      await addRepository(all, alice, "team/app");
      const conflict = { status: 409, message: /still has repositories/ };
      await assert.rejects(deleteUser(administration, OPERATOR, "alice"), conflict);
      await assert.rejects(deleteOrganization(administration, OPERATOR, "team"), conflict);
      await deleteUser(administration, OPERATOR, "bob");
      await deleteOrganization(administration, OPERATOR, "empty");
      const left = await database.read.selectFrom("accounts").select("name").execute();
      assert.deepEqual(left.map(({ name }) => name).toSorted(), ["alice", "team"]);
      assert.deepEqual(await database.read.selectFrom("credentials").select("id").execute(), []);
      await assert.rejects(deleteUser(administration, OPERATOR, "bob"), { status: 404 });
      await assert.rejects(deleteUser(administration, OPERATOR, "team"), { status: 404 });
      await assert.rejects(deleteUser(administration, OPERATOR, "\0"), { status: 404 });
    });

    test("secrets are listed without what is secret, and deleted by their owner alone", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const { administration, accounts } = all;
      const alice = await addUser(all, "alice");
      const bob = await addUser(all, "bob");
      await addRepository(all, alice, "alice/app");
      const app = await createApplicationToken(administration, alice, "alice", { title: "laptop" });
      const options = { title: "ci", role: "read" } as const;
      const token = await createRepositoryToken(administration, alice, "alice/app", options);
      const listed = [
        ...(await listUserTokens(administration, alice, "alice")),
        ...(await listRepositoryTokens(administration, alice, "alice/app")),
      ];
      assert.deepEqual(
        listed.map(({ title }) => title),
        ["laptop", "ci"],
      );
      assert(!/wharf_|[0-9a-f]{64}/.test(JSON.stringify(listed)));

      // An id of somebody else's is none.
      const unknown = { code: "NOT_FOUND" };
      await assert.rejects(deleteUserToken(administration, bob, "bob", app.uuid), unknown);
      await assert.rejects(deleteUserToken(administration, alice, "alice", token.uuid), unknown);
      await assert.rejects(
        deleteRepositoryToken(administration, alice, "alice/app", app.uuid),
        unknown,
      );
      await accounts.authenticate(callerWith(basic("$app", app.secret)));
      await deleteUserToken(administration, alice, "alice", app.uuid);
      await assert.rejects(accounts.authenticate(callerWith(basic("$app", app.secret))));
      await deleteRepositoryToken(administration, alice, "alice/app", token.uuid);
      await assert.rejects(accounts.authenticate(callerWith(basic("$token", token.secret))));
    });

    test("permissions of a repository are listed; robots stay in their namespace", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const { administration } = all;
      const alice = await addUser(all, "alice");
      await addUser(all, "bob");
      await addRepository(all, alice, "alice/app");
      const repository = "alice/app";
      for (const namespace of ["alice", "bob"]) {
        await createRobot(administration, OPERATOR, { namespace, short: "ci" });
      }
      await setRepositoryPermission(administration, alice, {
        repository,
        account: "bob",
        role: "read",
      });
      await setRepositoryPermission(administration, alice, {
        repository,
        account: "alice+ci",
        role: "write",
      });
      await assert.rejects(
        setRepositoryPermission(administration, alice, {
          repository,
          account: "bob+ci",
          role: "write",
        }),
        { code: "PARAMETER_INVALID", message: /outside its namespace/ },
      );
      const listed = await listRepositoryPermissions(administration, alice, repository);
      assert.deepEqual(
        listed.map(({ name, kind, role }) => ({ name, kind, role })),
        [
          { name: "bob", kind: "user", role: "read" },
          { name: "alice+ci", kind: "robot", role: "write" },
        ],
      );
    });
  });

  test("nothing is done for those who may not", async () => {
    await using database = await openTestSqlite();
    const all = testAccounts(database);
    const { administration } = all;
    const alice = await addUser(all, "alice");
    const bob = await addUser(all, "bob");
    await addUser(all, "root", { superuser: true });
    await addOrganization(all, "team", "alice");
    const repository = await addRepository(all, alice, "alice/app", "public");
    const robot = { namespace: "alice", short: "ci" };
    const { name, token } = await createRobot(administration, alice, robot);
    const strangers: Actor[] = [
      ANONYMOUS,
      bob,
      await all.accounts.authenticate(callerWith(basic(name, token))),
      { kind: "repository", repositoryId: repository.id, role: "admin" },
      {
        kind: "token",
        accountId: alice.accountId,
        name: "root",
        isSuperuser: true,
        access: new Map([["alice/app", new Set(["pull", "push", "delete"])]]),
        catalog: true,
      },
    ];
    await all.accounts.settled();
    const before = await snapshot(all);
    for (const actor of strangers) {
      const permission = { repository: "alice/app", account: "bob" };
      const secret = { title: "" };
      const user = { name: "eve", password: PASSWORD };
      for (const attempt of [
        () => createUser(administration, actor, user),
        () => setPassword(administration, actor, "alice", "another one"),
        () => setEnabled(administration, actor, "alice", false),
        () => setSuperuser(administration, actor, "bob", true),
        () => deleteUser(administration, actor, "alice"),
        () => listUsers(administration, actor, PAGE),
        () => createOrganization(administration, actor, { name: "new", owner: "alice" }),
        () => deleteOrganization(administration, actor, "team"),
        () => listOrganizations(administration, actor, PAGE),
        () => createRobot(administration, actor, { namespace: "alice", short: "evil" }),
        () => createRobot(administration, actor, { namespace: "team", short: "evil" }),
        () => regenerateRobotToken(administration, actor, robot),
        () => deleteRobot(administration, actor, robot),
        () => listRobots(administration, actor, "alice", PAGE),
        () => createApplicationToken(administration, actor, "alice", secret),
        () => createOauthToken(administration, actor, "alice", secret),
        () =>
          createRepositoryToken(administration, actor, "alice/app", { ...secret, role: "read" }),
        () => listUserTokens(administration, actor, "alice"),
        () => deleteUserToken(administration, actor, "alice", randomUUID()),
        () => listRepositoryTokens(administration, actor, "alice/app"),
        () => deleteRepositoryToken(administration, actor, "alice/app", "1"),
        () => setRepositoryPermission(administration, actor, { ...permission, role: "admin" }),
        () => removeRepositoryPermission(administration, actor, permission),
        () => listRepositoryPermissions(administration, actor, "alice/app"),
      ]) {
        await assert.rejects(
          attempt,
          { code: /^(DENIED|NAME_UNKNOWN|UNAUTHORIZED)$/ },
          String(attempt),
        );
      }
    }
    assert.equal(await snapshot(all), before);
  });

  test("bad values are named", async () => {
    await using database = await openTestSqlite();
    const all = testAccounts(database);
    const { administration } = all;
    const alice = await addUser(all, "alice");
    const user = { name: "bob", password: PASSWORD };
    for (const name of [
      "",
      "a",
      "Bob",
      "-bob",
      "bob-",
      "b..b",
      "b/b",
      "b+b",
      "$app",
      "b\0",
      "é1",
    ]) {
      await assert.rejects(createUser(administration, OPERATOR, { ...user, name }), {
        code: "PARAMETER_INVALID",
        message: /^name /,
      });
    }
    for (const password of ["", "short", "with\nnewline", "with\0nul", "x".repeat(1025)]) {
      await assert.rejects(createUser(administration, OPERATOR, { ...user, password }), {
        code: "PARAMETER_INVALID",
        message: /^the password /,
      });
    }
    for (const email of ["", "bob", "bob @example.com", `${"b".repeat(250)}@example.com`]) {
      await assert.rejects(createUser(administration, OPERATOR, { ...user, email }), {
        message: /^email /,
      });
    }
    for (const short of ["", "c", "1ci", "CI", "c.i", "c+i"]) {
      await assert.rejects(createRobot(administration, alice, { namespace: "alice", short }), {
        message: /^robot /,
      });
    }
    const expired = { title: "", expiresAt: all.clock.now };
    await assert.rejects(createApplicationToken(administration, alice, "alice", expired), {
      message: /^expiresAt /,
    });
  });
});

async function snapshot({ administration }: TestAccounts): Promise<string> {
  const { read } = administration.database;
  return JSON.stringify([
    await read.selectFrom("accounts").selectAll().execute(),
    await read.selectFrom("credentials").selectAll().execute(),
    await read.selectFrom("repository_permissions").selectAll().execute(),
  ]);
}
