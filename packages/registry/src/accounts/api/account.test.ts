import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { everyRegistry, startTestRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";
import { OPERATOR } from "../admin/actor.ts";
import { createOrganization } from "../admin/organizations.ts";
import { createRobot } from "../admin/robots.ts";
import { createUser } from "../admin/users.ts";
import { findAccountByName } from "../account-store.ts";
import { hashSecret, makeSecret } from "../secret.ts";
import { findTeamByName, insertTeamMember } from "../team-store.ts";
import { basic } from "../testing/test-accounts.ts";
import { TestBrowser } from "../testing/test-browser.ts";

const PASSWORD = "correct horse";

suite("accounts", () => {
  everyRegistry((start) => {
    test("a user sees and changes their own account", async () => {
      await using registry = await start();
      const { administration } = registry;
      await createUser(administration, OPERATOR, { name: "alice", password: PASSWORD });
      const bob = { name: "bob", password: PASSWORD, email: "bob@example.com" };
      await createUser(administration, OPERATOR, bob);
      await createOrganization(administration, OPERATOR, { name: "wharf", owner: "alice" });
      const api = new ApiClient(registry.client(basic("alice", PASSWORD)));
      const { json } = await api.get("/user");
      const { avatar, ...facts } = json;
      assert.match(
        JSON.stringify(avatar),
        /"name":"alice","hash":"[0-9a-f]{32}","color":"#\w{6}","kind":"user"/,
      );
      const [organization] = facts.organizations;
      assert.equal(organization.avatar.kind, "org");
      assert.deepEqual(
        { ...facts, organizations: [{ ...organization, avatar: {} }] },
        {
          anonymous: false,
          username: "alice",
          can_create_repo: true,
          is_me: true,
          verified: true,
          email: null,
          logins: [],
          invoice_email: false,
          invoice_email_address: null,
          preferred_namespace: true,
          tag_expiration_s: 14 * 86_400,
          prompts: [],
          company: null,
          family_name: null,
          given_name: null,
          location: null,
          is_free_account: true,
          has_password_set: true,
          organizations: [
            {
              name: "wharf",
              avatar: {},
              can_create_repo: true,
              public: false,
              is_org_admin: true,
              preferred_namespace: true,
            },
          ],
          super_user: false,
        },
      );
      const change = {
        email: "alice@example.com",
        username: "alice",
        tag_expiration_s: 86_400,
        given_name: "Alice",
        company: "Wharf",
        unknown_field: "is ignored",
      };
      const changed = (await api.put("/user", change)).json;
      assert.deepEqual(
        [changed.email, changed.tag_expiration_s, changed.given_name, changed.company],
        ["alice@example.com", 86_400, "Alice", "Wharf"],
      );
      assert.equal((await api.put("/user", { given_name: null })).json.given_name, null);
      assert.equal((await api.get("/user")).json.company, "Wharf");
      const wrong: [object, string, string][] = [
        [{ username: "alicia" }, "400 PARAMETER_INVALID", "username"],
        [{ email: "alice" }, "400 PARAMETER_INVALID", "email"],
        [{ email: "Bob@example.com" }, "400 CONFLICT", "email"],
        [{ password: "short" }, "400 PARAMETER_INVALID", "password"],
        [{ tag_expiration_s: 12 }, "400 PARAMETER_INVALID", "tag_expiration_s"],
        [{ company: "a\0b" }, "400 PARAMETER_INVALID", "company"],
        [{ company: "x".repeat(256) }, "400 PARAMETER_INVALID", "company"],
        [{ location: 7 }, "400 PARAMETER_INVALID", "location"],
      ];
      for (const [body, outcome, field] of wrong) {
        // Nothing of it is done when one thing is wrong.
        const answer = await api.put("/user", { family_name: "Evil", ...body });
        assert.deepEqual([answer.outcome, answer.json.field], [outcome, field]);
      }
      assert.equal((await api.get("/user")).json.family_name, null);

      const others = new ApiClient(registry.client(basic("bob", PASSWORD)));
      const { json: seen } = await others.get("/users/alice");
      assert.deepEqual(Object.keys(seen), ["anonymous", "username", "avatar"]);
      for (const name of ["nobody", "wharf", "team+bot", "%FF", "Alice"]) {
        assert.equal((await others.get(`/users/${encodeURIComponent(name)}`)).status, 404);
      }
      assert.equal((await new ApiClient(registry.client()).get("/users/alice")).status, 401);
      await registry.settled();
      const logged = await registry.database.read
        .selectFrom("audit_log")
        .select("kind")
        .where("performer", "=", "alice")
        .where("via", "=", "password")
        .orderBy("id")
        .execute();
      assert.deepEqual(
        logged.map(({ kind }) => kind),
        ["account_change_email", "change_tag_expiration_policy", "user_update", "user_update"],
      );
    });

    test("a secret stands for the password in docker login, and cannot take the account over", async () => {
      await using registry = await start();
      const { administration } = registry;
      for (const name of ["alice", "bob"]) {
        await createUser(administration, OPERATOR, { name, password: PASSWORD });
      }
      const api = new ApiClient(registry.client(basic("alice", PASSWORD)));
      const wrong = await api.post("/user/clientkey", { password: "wrong password" });
      assert.equal(wrong.outcome, "400 CREDENTIALS_INVALID");
      const { json } = await api.post("/user/clientkey", { password: PASSWORD });
      for (const user of ["alice", "$app"]) {
        assert.equal((await registry.client(basic(user, json.key)).get("/v2/")).status, 200);
      }
      assert.equal((await registry.client(basic("bob", json.key)).get("/v2/")).status, 401);
      const byToken = new ApiClient(registry.client(basic("alice", json.key)));
      for (const [method, path, body] of [
        ["PUT", "/user", { company: "Wharf" }],
        ["POST", "/user/apptoken", { title: "another" }],
        ["GET", `/user/apptoken/${json.uuid}`, undefined],
        ["PUT", "/user", { password: "another horse" }],
        ["PUT", "/user", { email: "evil@example.com" }],
        ["DELETE", "/user", undefined],
        ["POST", "/user/convert", { adminUser: "bob", adminPassword: PASSWORD }],
      ] as const) {
        assert.equal((await byToken.ask(method, path, body)).outcome, "403 DENIED", path);
      }
      assert.equal((await api.delete(`/user/apptoken/${json.uuid}`)).status, 204);
      assert.equal((await registry.client(basic("alice", json.key)).get("/v2/")).status, 401);
    });

    test("users delete themselves once nothing depends on them", async () => {
      await using registry = await start();
      const { administration } = registry;
      for (const name of ["alice", "bob"]) {
        await createUser(administration, OPERATOR, { name, password: PASSWORD });
      }
      await createOrganization(administration, OPERATOR, { name: "wharf", owner: "alice" });
      const browser = new TestBrowser(registry);
      await browser.signIn("alice", PASSWORD);
      const refused = await browser.ask("DELETE", "/user");
      assert.equal(refused.outcome, "409 CONFLICT");
      assert.match(refused.json.detail, /last admin of the organization wharf/);
      await join(registry, "wharf", "bob");
      const alice = registry.client(basic("alice", PASSWORD));
      await registry.pushImage("alice/app", "v1", smallImage(), alice);
      assert.match((await browser.ask("DELETE", "/user")).json.detail, /still has repositories/);
      await registry.database.transaction((trx) =>
        trx.deleteFrom("repositories").where("name", "=", "alice/app").execute(),
      );
      // Of two who leave an organization to each other, one stays.
      const other = new TestBrowser(registry);
      await other.signIn("bob", PASSWORD);
      const left = await Promise.all([
        browser.ask("DELETE", "/user"),
        other.ask("DELETE", "/user"),
      ]);
      assert.deepEqual(left.map(({ outcome }) => outcome).toSorted(), ["204", "409 CONFLICT"]);
      const gone = left[0]?.status === 204 ? browser : other;
      assert.equal((await gone.get("/user")).outcome, "401 UNAUTHORIZED");
      await registry.settled();
    });

    test("a user becomes an organization with everything that is in it", async () => {
      await using registry = await start();
      const { administration } = registry;
      for (const name of ["crew", "alice"]) {
        await createUser(administration, OPERATOR, { name, password: PASSWORD });
      }
      const robot = await createRobot(administration, OPERATOR, { namespace: "crew", short: "ci" });
      const crew = registry.client(basic("crew", PASSWORD));
      await registry.pushImage("crew/app", "v1", smallImage(), crew);
      const token = await new ApiClient(crew).post("/user/apptoken", { title: "old" });
      const browser = new TestBrowser(registry);
      await browser.signIn("crew", PASSWORD);
      const stolen = browser.headers;
      for (const [body, field] of [
        [{ adminUser: "alice", adminPassword: "wrong password" }, "adminPassword"],
        [{ adminUser: "nobody", adminPassword: PASSWORD }, "adminPassword"],
        [{ adminUser: "crew", adminPassword: PASSWORD }, "adminUser"],
      ] as const) {
        const answer = await browser.ask("POST", "/user/convert", body);
        assert.deepEqual([answer.outcome, answer.json.field], ["400 CREDENTIALS_INVALID", field]);
      }
      const body = { adminUser: "alice", adminPassword: PASSWORD };
      const done = await browser.ask("POST", "/user/convert", body);
      assert.deepEqual(done.json, { success: true });
      // The browser goes on as the admin; what was the user's alone is worth nothing.
      assert.equal((await browser.get("/user")).json.username, "alice");
      const api = new ApiClient(registry.client());
      assert.equal((await api.get("/user", stolen)).outcome, "401 UNAUTHORIZED");
      assert.equal((await crew.get("/v2/")).status, 401);
      const old = registry.client(basic("$app", token.json.token.token_code));
      assert.equal((await old.get("/v2/")).status, 401);
      assert.equal((await new TestBrowser(registry).signIn("crew", PASSWORD)).status, 403);
      const alice = registry.client(basic("alice", PASSWORD));
      assert.equal((await alice.get("/v2/crew/app/manifests/v1")).status, 200);
      assert.equal((await registry.client(basic(robot.name, robot.token)).get("/v2/")).status, 200);
      const own = await new ApiClient(alice).get("/user");
      assert.deepEqual(
        own.json.organizations.map(({ name, is_org_admin: isAdmin }: Record<string, unknown>) => [
          name,
          isAdmin,
        ]),
        [["crew", true]],
      );
      assert.equal(
        (await api.get("/users/crew", { authorization: basic("alice", PASSWORD) })).status,
        404,
      );
    });

    test("who registers is signed in where registration is open", async () => {
      await using registry = await start({
        config: { accounts: { registration: "open", failuresPerMinute: 6 } },
      });
      const browser = new TestBrowser(registry);
      const user = { username: "alice", password: PASSWORD, email: "alice@example.com" };
      const made = await browser.ask("POST", "/user", user);
      assert.equal(made.json.username, "alice");
      assert.equal((await browser.get("/user")).json.email, "alice@example.com");
      const api = new ApiClient(registry.client());
      const wrong: [object, string, string][] = [
        [user, "400 CONFLICT", "username"],
        [{ ...user, username: "team" }, "400 CONFLICT", "username"],
        [{ ...user, username: "bob", email: "ALICE@example.com" }, "400 CONFLICT", "email"],
        [{ ...user, username: "Bob" }, "400 PARAMETER_INVALID", "username"],
        [{ ...user, username: "bob", password: "short" }, "400 PARAMETER_INVALID", "password"],
      ];
      for (const [body, outcome, field] of wrong) {
        const answer = await api.post("/user", body);
        assert.deepEqual([answer.outcome, answer.json.field], [outcome, field]);
      }
      // Each costs a slow hash.
      assert.equal((await api.post("/user", { ...user, username: "eve" })).status, 429);
      const foreign = await api.ask("POST", "/user", user, { "sec-fetch-site": "cross-site" });
      assert.equal(foreign.outcome, "403 ORIGIN_INVALID");
    });

    test("who was invited by mail registers with the code of the invitation", async () => {
      await using registry = await start({ config: { accounts: { registration: "invited" } } });
      const code = makeSecret();
      await invite(registry, "bob@example.com", code);
      const api = new ApiClient(registry.client());
      const user = { username: "bob", password: PASSWORD };
      for (const [body, field] of [
        [user, "invite_code"],
        [{ ...user, invite_code: makeSecret() }, "invite_code"],
        [{ ...user, invite_code: code, email: "other@example.com" }, "email"],
      ] as const) {
        const answer = await api.post("/user", body);
        assert.deepEqual([answer.outcome, answer.json.field], ["403 DENIED", field]);
      }
      const browser = new TestBrowser(registry);
      const made = await browser.ask("POST", "/user", { ...user, invite_code: code });
      assert.equal(made.json.email, "bob@example.com");
      assert.deepEqual(
        made.json.organizations.map(({ name }: { name: string }) => name),
        ["team"],
      );
      const again = await api.post("/user", { ...user, username: "eve", invite_code: code });
      assert.equal(again.outcome, "403 DENIED");
    });

    test("the first user is made by whoever comes first, once", async () => {
      await using registry = await start({ config: { accounts: { initialize: true } } });
      const api = new ApiClient(registry.client());
      const user = { username: "root", password: PASSWORD, email: "root@example.com" };
      assert.equal((await api.post("/user/initialize", user)).outcome, "400 CONFLICT");
      await registry.database.transaction((trx) => trx.deleteFrom("accounts").execute());
      const foreign = await api.ask("POST", "/user/initialize", user, {
        origin: "https://evil.example",
      });
      assert.equal(foreign.outcome, "403 ORIGIN_INVALID");
      const made = await Promise.all(
        ["one", "two", "three"].map((username) =>
          api.post("/user/initialize", { username, password: PASSWORD, access_token: true }),
        ),
      );
      assert.deepEqual(made.map(({ outcome }) => outcome).toSorted(), [
        "200",
        "400 CONFLICT",
        "400 CONFLICT",
      ]);
      const { json } = made.find(({ status }) => status === 200) ?? {};
      assert.equal(json.encrypted_password, PASSWORD);
      assert.equal(json.email, null);
      const root = new ApiClient(registry.client(basic("$oauthtoken", json.access_token)));
      assert.equal((await root.get("/user")).json.super_user, true);
      assert.deepEqual(
        (await root.get("/superuser/users")).json.users.map(({ name }: { name: string }) => name),
        [json.username],
      );
    });
  });

  test("nobody registers or begins where that is off", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.client());
    const user = { username: "alice", password: PASSWORD };
    const answer = await api.post("/user", user);
    assert.equal(answer.outcome, "403 DENIED");
    assert.match(answer.json.detail, /a superuser creates users/);
    assert.equal((await api.post("/user/initialize", user)).outcome, "400 CONFLICT");
  });
});

async function join({ database }: TestRegistry, organization: string, user: string): Promise<void> {
  await database.transaction(async (trx) => {
    const found = await findAccountByName(trx, organization);
    const team = found && (await findTeamByName(trx, found.id, "owners"));
    const member = await findAccountByName(trx, user);
    assert(team !== undefined && member !== undefined);
    await insertTeamMember(trx, team.id, member.id);
  });
}

async function invite({ database }: TestRegistry, email: string, code: string): Promise<void> {
  await database.transaction(async (trx) => {
    const found = await findAccountByName(trx, "team");
    const team = found && (await findTeamByName(trx, found.id, "owners"));
    assert(team !== undefined);
    await trx
      .insertInto("team_invitations")
      .values({
        team_id: team.id,
        email,
        account_id: null,
        code_hash: hashSecret(code),
        invited_by: "admin",
        created_at: 0,
        expires_at: Date.now() + 86_400_000,
      })
      .execute();
  });
}
