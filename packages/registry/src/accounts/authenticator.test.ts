import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { everyDatabase, openTestSqlite } from "../database/testing/every-database.ts";
import { openDatabase } from "../database/open-database.ts";
import { AccessTokens } from "./access-tokens.ts";
import { OPERATOR } from "./admin/actor.ts";
import { createApplicationToken, createOauthToken } from "./admin/access-secrets.ts";
import { createRepositoryToken } from "./admin/repository-tokens.ts";
import { createRobot, deleteRobot, regenerateRobotToken } from "./admin/robots.ts";
import { deleteUser, setEnabled, setPassword } from "./admin/users.ts";
import { SigningKeys } from "./signing-keys.ts";
import {
  addOrganization,
  addRepository,
  addUser,
  basic,
  callerWith,
  PASSWORD,
  testAccounts,
} from "./testing/test-accounts.ts";

suite("authenticating", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    test("nobody without a header is anonymous", async () => {
      await using database = await openTestDatabase();
      const { accounts } = testAccounts(database);
      assert.deepEqual(await accounts.authenticate(callerWith(undefined)), { kind: "anonymous" });
    });

    test("a user logs in with the password, and with no other", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const alice = await addUser(all, "alice");
      const good = callerWith(basic("alice", PASSWORD));
      assert.deepEqual(await all.accounts.authenticate(good), {
        ...alice,
        shown: { kind: "password" },
      });
      assert.deepEqual(await all.accounts.authenticate(good), {
        ...alice,
        shown: { kind: "password" },
      });
      for (const wrong of ["", "correct horsE", `${PASSWORD}\0`, "é".repeat(600)]) {
        await assert.rejects(all.accounts.authenticate(callerWith(basic("alice", wrong))), {
          code: "UNAUTHORIZED",
          status: 401,
        });
      }
    });

    test("unknown users, wrong passwords and disabled accounts get the same answer", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database, { accounts: { failuresPerMinute: 100 } });
      await addUser(all, "alice");
      await addUser(all, "bob");
      await addUser(all, "carol");
      await addOrganization(all, "team", "alice");
      await setEnabled(all.administration, OPERATOR, "bob", false);
      const answers = [];
      for (const [user, secret] of [
        ["alice", "wrong"],
        ["nobody", PASSWORD],
        ["bob", PASSWORD],
        ["team", ""],
        ["team+robot", "x"],
        ["$app", "x"],
        ["NoName\0", PASSWORD],
        ["\u{10ffff}", PASSWORD],
      ] as const) {
        const failure = await all.accounts
          .authenticate(callerWith(basic(user, secret)))
          .catch((error: unknown) => error);
        assert(failure instanceof Error && "body" in failure && "headers" in failure);
        answers.push(JSON.stringify([failure.body, failure.headers]));
      }
      assert.equal(new Set(answers).size, 1, answers.join("\n"));
    });

    test("a change of password or state counts at once, also when another process made it", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      await addUser(all, "alice");
      const before = callerWith(basic("alice", PASSWORD));
      const after = callerWith(basic("alice", "another one"));
      await all.accounts.authenticate(before);
      {
        await using other = await openDatabase(database.options);
        const { administration } = testAccounts(other);
        await setPassword(administration, OPERATOR, "alice", "another one");
      }
      await assert.rejects(all.accounts.authenticate(before), { code: "UNAUTHORIZED" });
      assert.equal((await all.accounts.authenticate(after)).kind, "account");
      await setEnabled(all.administration, OPERATOR, "alice", false);
      await assert.rejects(all.accounts.authenticate(after), { code: "UNAUTHORIZED" });
      await setEnabled(all.administration, OPERATOR, "alice", true);
      assert.equal((await all.accounts.authenticate(after)).kind, "account");
      await deleteUser(all.administration, OPERATOR, "alice");
      await assert.rejects(all.accounts.authenticate(after), { code: "UNAUTHORIZED" });
    });

    test("a robot shows its token, which dies when it is made anew", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      await addUser(all, "alice");
      const robot = { namespace: "alice", short: "deploy" };
      const { name, token } = await createRobot(all.administration, OPERATOR, robot);
      assert.equal(name, "alice+deploy");
      const caller = callerWith(basic(name, token));
      const principal = await all.accounts.authenticate(caller);
      assert(principal.kind === "account" && principal.isRobot && principal.name === name);
      await assert.rejects(all.accounts.authenticate(callerWith(basic("alice", token))));
      await assert.rejects(all.accounts.authenticate(callerWith(basic("alice+other", token))));
      await assert.rejects(all.accounts.authenticate(callerWith(basic("$app", token))));

      await setEnabled(all.administration, OPERATOR, "alice", false);
      await assert.rejects(all.accounts.authenticate(caller), "its namespace is disabled");
      await setEnabled(all.administration, OPERATOR, "alice", true);
      await all.accounts.authenticate(caller);

      const again = await regenerateRobotToken(all.administration, OPERATOR, robot);
      await assert.rejects(all.accounts.authenticate(caller), { code: "UNAUTHORIZED" });
      const renewed = callerWith(basic(name, again.token));
      assert.equal((await all.accounts.authenticate(renewed)).kind, "account");
      await deleteRobot(all.administration, OPERATOR, robot);
      await assert.rejects(all.accounts.authenticate(renewed), { code: "UNAUTHORIZED" });
    });

    test("$app, $oauthtoken and $token stand for what they were made for, until they expire", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const alice = await addUser(all, "alice");
      const { id } = await addRepository(all, alice, "alice/app");
      const { administration, clock } = all;
      const secret = { title: "laptop", expiresAt: clock.now + 90_000 };
      const app = await createApplicationToken(administration, alice, "alice", secret);
      const oauth = await createOauthToken(administration, alice, "alice", { title: "" });
      const ofRepository = await createRepositoryToken(administration, alice, "alice/app", {
        title: "",
        role: "write",
      });
      const login = async (user: string, text: string) =>
        all.accounts.authenticate(callerWith(basic(user, text)));
      assert.deepEqual(await login("$app", app.secret), {
        ...alice,
        shown: { kind: "application", credentialId: app.id, title: "laptop" },
      });
      assert.deepEqual(await login("$oauthtoken", oauth.secret), {
        ...alice,
        shown: { kind: "oauth", credentialId: oauth.id, title: "" },
      });
      const expected = { kind: "repository", repositoryId: id, role: "write" };
      assert.deepEqual(await login("$token", ofRepository.secret), expected);
      await assert.rejects(login("$oauthtoken", app.secret), { code: "UNAUTHORIZED" });
      await assert.rejects(login("$token", oauth.secret), { code: "UNAUTHORIZED" });
      await assert.rejects(login("$nothing", oauth.secret), { code: "UNAUTHORIZED" });

      clock.now += 89_999;
      assert.deepEqual(await login("$app", app.secret), {
        ...alice,
        shown: { kind: "application", credentialId: app.id, title: "laptop" },
      });
      clock.now += 1;
      await assert.rejects(login("$app", app.secret), { code: "UNAUTHORIZED" });
      assert.deepEqual(await login("$oauthtoken", oauth.secret), {
        ...alice,
        shown: { kind: "oauth", credentialId: oauth.id, title: "" },
      });
    });

    test("secrets are not stored, and when they were last used is", async () => {
      await using database = await openTestDatabase();
      const all = testAccounts(database);
      const alice = await addUser(all, "alice");
      const options = { title: "" };
      const { secret } = await createApplicationToken(all.administration, alice, "alice", options);
      await all.accounts.authenticate(callerWith(basic("$app", secret)));
      await all.accounts.settled();
      const rows = await database.read.selectFrom("credentials").selectAll().execute();
      assert.equal(rows[0]?.last_used_at, all.clock.now);
      const accounts = await database.read.selectFrom("accounts").selectAll().execute();
      const stored = JSON.stringify([rows, accounts]);
      assert(!stored.includes(secret) && !stored.includes(PASSWORD));
    });
  });

  test("a token is good for its registry alone, also when it was verified before", async () => {
    await using database = await openTestSqlite();
    const { accounts, clock } = testAccounts(database);
    const now = (): number => clock.now;
    const keys = new SigningKeys({ database, now });
    const tokens = new AccessTokens({ keys, life: 300_000, now });
    const grant = { accountId: 1, name: "alice", isSuperuser: false, catalog: false };
    const { token } = await tokens.issue({ ...grant, access: new Map() }, "registry.test");
    const authorization = `Bearer ${token}`;
    const here = callerWith(authorization);
    assert.equal((await accounts.authenticate(here)).kind, "token");
    const elsewhere = callerWith(authorization, { origin: "https://other.test" });
    const scope = "repository:team/app:pull";
    await assert.rejects(accounts.authenticate(elsewhere, scope), {
      status: 401,
      headers: {
        "WWW-Authenticate": `Bearer realm="https://other.test/v2/auth",service="other.test",scope="${scope}",error="invalid_token"`,
      },
    });
    assert.equal((await accounts.authenticate(here)).kind, "token");
    clock.now += 330_000;
    await assert.rejects(accounts.authenticate(here), { status: 401 });
  });

  test("a malformed header is told what is wrong with it", async () => {
    await using database = await openTestSqlite();
    const { accounts } = testAccounts(database);
    for (const [header, message] of [
      ["", /must be Basic or Bearer/],
      ["Basic", /not base64/],
      ["Basic ", /not base64/],
      ["Basic %%%", /not base64/],
      [`Basic ${Buffer.from("alice").toString("base64")}`, /no colon/],
      [`Basic ${Buffer.from(":secret").toString("base64")}`, /no user/],
      [`Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString("base64")}`, /not UTF-8/],
      ["Digest username=alice", /must be Basic or Bearer/],
      ["Bearer", /token is not valid/],
      ["Bearer a.b.c", /token is not valid/],
    ] as const) {
      await assert.rejects(accounts.authenticate(callerWith(header)), { status: 401, message });
    }
  });
});
