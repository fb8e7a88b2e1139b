import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { startAdminSite } from "../../testing/admin-site.ts";
import type { AdminSite } from "../../testing/admin-site.ts";

suite("wharf admin: accounts", () => {
  let site: AdminSite;
  before(async () => {
    site = await startAdminSite();
    await site.json("user", "create", "alice", "--email", "alice@example.com");
    await site.json("user", "create", "bob");
    await site.json("organization", "create", "team", "--owner", "alice");
    await site.json("repository", "create", "team/app");
  });
  after(() => site[Symbol.asyncDispose]());

  test("users and organizations get addresses, descriptions and tag windows", async () => {
    await site.json("user", "change", "bob", "--email", "bob@example.com");
    const taken = await site.admin("user", "change", "bob", "--email", "alice@example.com");
    assert.equal(taken.code, 2);
    assert.match(taken.stderr, /another account has the e-mail address/);
    await site.json("user", "change", "bob", "--email", "none");
    const { accounts } = await site.json("user", "list");
    const emails = accounts.map(({ name, email }: Record<string, string>) => [name, email]);
    assert.deepEqual(emails.slice(1), [
      ["alice", "alice@example.com"],
      ["bob", null],
    ]);
    // No mail is configured.
    assert.match((await site.admin("user", "recover", "alice")).stderr, /sends no mail/);

    const change = ["organization", "change", "team"];
    await site.json(...change, "--email", "team@example.com", "--tag-expiration", "4w");
    assert.equal((await site.admin(...change, "--tag-expiration", "5d")).code, 2);
    assert.equal((await site.admin(...change)).code, 2);
    assert.equal((await site.admin("organization", "change", "no", "--email", "none")).code, 4);
  });

  test("teams come, change, get members and roles, and go", async () => {
    await site.json("team", "create", "team", "developers", "--role", "creator");
    assert.match((await site.admin("team", "create", "team", "developers")).stderr, /already/);
    await site.json("team", "change", "team", "developers", "--description", "They build it.");
    await site.json("team", "member", "add", "team", "developers", "bob");
    assert.equal((await site.admin("team", "change", "team", "no", "--role", "admin")).code, 4);
    const { teams } = await site.json("team", "list", "team");
    assert.deepEqual(teams[1], {
      name: "developers",
      role: "creator",
      members: 1,
      repositories: 0,
      synced: false,
      description: "They build it.",
    });
    const { members } = await site.json("organization", "members", "team");
    assert.deepEqual(members[1], {
      name: "bob",
      kind: "user",
      teams: ["developers"],
      repositoryCount: 0,
    });
    assert.match(
      (await site.lines("team", "member", "list", "team", "owners"))[1] ?? "",
      /^alice +user/,
    );

    await site.json("permission", "set", "--team", "team/app", "developers", "write");
    await site.json("permission", "set", "team/app", "bob", "read");
    const { permissions } = await site.json("permission", "list", "team/app");
    assert.deepEqual(permissions, [
      { name: "bob", kind: "user", role: "read" },
      { name: "developers", kind: "team", role: "write" },
    ]);
    const remove = ["permission", "remove", "--team", "team/app", "developers"];
    assert.equal((await site.json(...remove)).removed, true);
    assert.equal((await site.json(...remove)).removed, false);

    // The last administrator stays.
    const last = await site.admin("team", "member", "remove", "team", "owners", "alice");
    assert.equal(last.code, 2);
    await site.json("team", "member", "remove", "team", "developers", "bob");
    await site.json("team", "delete", "team", "developers");
    assert.equal((await site.admin("team", "delete", "team", "developers")).code, 4);
  });

  test("default permissions hold for repositories that come after them", async () => {
    const add = ["default-permission", "add", "team"];
    const { id } = await site.json(...add, "write", "--account", "bob");
    assert.equal((await site.admin(...add, "write")).code, 2);
    assert.equal((await site.admin(...add, "owner", "--account", "bob")).code, 2);
    await site.json("repository", "create", "team/later");
    const { permissions } = await site.json("permission", "list", "team/later");
    assert.deepEqual(permissions, [{ name: "bob", kind: "user", role: "write" }]);
    const listed = await site.json("default-permission", "list", "team");
    const bobs = { id, role: "write", name: "bob", kind: "user", creator: null };
    assert.deepEqual(listed.defaultPermissions, [bobs]);
    await site.json("default-permission", "remove", "team", id);
    assert.equal((await site.admin("default-permission", "remove", "team", id)).code, 4);
  });

  test("a robot has several tokens at a time, each of which ends by itself", async () => {
    const robot = "team+deploy";
    const first = await site.json("robot", "create", robot);
    const create = ["robot", "token", "create", robot];
    const second = await site.json(...create, "--title", "q4", "--expires", "90d");
    assert.deepEqual(
      [await site.login(robot, first.token), await site.login(robot, second.token)],
      [200, 200],
    );
    const { tokens } = await site.json("robot", "token", "list", robot);
    assert.deepEqual(
      tokens.map(({ title, expiresAt }: Record<string, string>) => [title, expiresAt !== null]),
      [
        ["", false],
        ["q4", true],
      ],
    );
    const [old] = tokens;
    assert.ok(!JSON.stringify(tokens).includes(first.token));
    await site.json("robot", "token", "revoke", robot, old.id);
    assert.equal((await site.admin("robot", "token", "revoke", robot, old.id)).code, 4);
    assert.deepEqual(
      [await site.login(robot, first.token), await site.login(robot, second.token)],
      [401, 200],
    );
    assert.equal((await site.json("robot", "show", robot)).token, undefined);
    assert.equal((await site.json("robot", "show", robot, "--token")).token, second.token);

    await site.json("robot", "change", robot, "--description", "deploys", "--expires", "30d");
    const changed = await site.json("robot", "change", robot, "--expires", "never");
    assert.deepEqual([changed.description, changed.expiresAt], ["deploys", null]);
    const missing = await site.admin("robot", "change", "team+no", "--expires", "never");
    assert.equal(missing.code, 4);
    for (const wrong of ["0", "yesterday", "2020-01-01"]) {
      assert.equal((await site.admin("robot", "change", robot, "--expires", wrong)).code, 2);
    }
  });

  test("a robot trusts the tokens of others until it no longer does", async () => {
    const robot = "team+build";
    await site.json("robot", "create", robot);
    const set = ["robot", "federation", "set", robot, "--issuer", "https://ci.example.com"];
    await site.json(...set, "--subject", "main", "--audience", "wharf");
    await site.json(...set, "--subject", "release", "--audience", "wharf");
    await site.json(...set, "--subject", "main", "--audience", "registry");
    assert.equal((await site.admin(...set)).code, 2);
    const list = ["robot", "federation", "list", robot];
    const issuer = "https://ci.example.com";
    assert.deepEqual((await site.json(...list)).identities, [
      { issuer, subject: "release", audience: "wharf" },
      { issuer, subject: "main", audience: "registry" },
    ]);
    const remove = ["robot", "federation", "remove", robot];
    assert.equal((await site.json(...remove, "--subject", "main")).left, 1);
    assert.equal((await site.json(...remove)).left, 0);
    assert.deepEqual((await site.json(...list)).identities, []);
  });

  test("tokens of applications act within their scopes and repositories", async () => {
    await site.json("repository", "create", "team/other");
    const made = await site.json("application", "create", "team", "automation");
    assert.match(made.clientSecret, /^wharf_/);
    const create = ["token", "create", "--user", "alice", "--application", made.clientId];
    const limits = ["--scopes", "repo:read", "--repository", "team/app"];
    const token = await site.json(...create, ...limits, "--title", "nightly");
    const api = (path: string) => site.get(`/api/v1/${path}`, "$oauthtoken", token.token);
    assert.deepEqual(
      [await api("repository/team/app"), await api("repository/team/app/logs")],
      [200, 403],
    );
    assert.equal(await api("repository/team/other"), 404);

    assert.equal((await site.admin(...create, "--title", "x")).code, 2);
    const unknown = await site.admin(...create, "--title", "x", "--scopes", "repo:all");
    assert.match(unknown.stderr, /there is no scope "repo:all"/);
    const list = ["token", "list", "--application", made.clientId];
    const { tokens } = await site.json(...list);
    assert.equal(tokens.length, 1);
    assert.deepEqual(
      [tokens[0].id, tokens[0].user, tokens[0].scopes, tokens[0].repositories],
      [token.id, "alice", "repo:read", ["team/app"]],
    );
    await site.json("token", "revoke", token.id, "--application", made.clientId);
    assert.equal(await api("repository/team/app"), 401);
    await site.json("application", "delete", "team", made.clientId);
    assert.deepEqual((await site.json("application", "list", "team")).applications, []);
    assert.equal((await site.admin(...list)).code, 4);
  });

  test("tokens of users and repositories are listed and revoked by their ids", async () => {
    const app = await site.json("token", "create", "--user", "alice", "--title", "laptop");
    const open = await site.json("token", "create", "--repository", "team/app");
    const users = await site.json("token", "list", "--user", "alice");
    assert.deepEqual([users.tokens[0].id, users.tokens[0].kind], [app.id, "$app"]);
    const repositories = await site.json("token", "list", "--repository", "team/app");
    assert.deepEqual([repositories.tokens[0].id, repositories.tokens[0].role], [open.id, "read"]);
    assert.equal((await site.admin("token", "revoke", open.id, "--user", "alice")).code, 4);
    await site.json("token", "revoke", app.id, "--user", "alice");
    await site.json("token", "revoke", open.id, "--repository", "team/app");
    assert.deepEqual(
      [await site.login("$app", app.token), await site.login("$token", open.token)],
      [401, 401],
    );
    assert.equal((await site.admin("token", "list")).code, 2);
  });

  test("a quota keeps the limits that nobody changes", async () => {
    const warn = { type: "warning", percent: 80 };
    const set = ["quota", "set", "team"];
    const made = await site.json(...set, "10GiB", "--warn", "80");
    assert.deepEqual(made.limits, [{ type: "reject", percent: 100 }, warn]);
    const larger = await site.json(...set, "20GiB", "--reject", "90");
    assert.deepEqual(larger.limits, [{ type: "reject", percent: 90 }, warn]);
    assert.deepEqual((await site.json(...set, "20GiB", "--reject", "never")).limits, [warn]);
    const shown = await site.json("quota", "list", "team");
    assert.equal(shown.quotas[0].limitBytes, 20 * 2 ** 30);
    assert.equal((await site.admin(...set, "20GiB", "--warn", "101")).code, 2);
    assert.equal((await site.admin(...set, "much")).code, 2);
    await site.json("quota", "remove", "team");
    assert.equal((await site.admin("quota", "remove", "team")).code, 4);
    assert.deepEqual((await site.json("quota", "list", "team")).quotas, []);
  });

  test("messages are published and withdrawn", async () => {
    const text = "Down on Friday.";
    const { id } = await site.json("message", "add", text, "--severity", "warning");
    const { messages } = await site.json("message", "list");
    assert.deepEqual([messages[0].id, messages[0].content], [id, text]);
    await site.json("message", "remove", id);
    assert.equal((await site.admin("message", "remove", id)).code, 4);
  });
});
