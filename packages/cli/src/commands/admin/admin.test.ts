import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { startAdminSite } from "../../testing/admin-site.ts";
import { runMain } from "../../testing/run-main.ts";

test("users are made, listed, changed and deleted while the server runs, and log in at once", async () => {
  await using site = await startAdminSite();
  const made = await site.admin("user", "create", "alice", "--json");
  const { password } = JSON.parse(made.stdout);
  assert.equal(await site.login("alice", password), 200);
  assert.equal(await site.login("alice", "something else"), 401);

  assert.match((await site.admin("user", "create", "alice")).stderr, /already/);
  await site.admin("user", "change", "alice", "--superuser", "yes");
  const { accounts } = JSON.parse((await site.admin("user", "list", "--json")).stdout);
  assert.deepEqual(
    accounts.map(({ name, superuser }: { name: string; superuser: boolean }) => [name, superuser]),
    [
      ["admin", true],
      ["alice", true],
    ],
  );

  await site.admin("user", "change", "alice", "--enabled", "no");
  assert.equal(await site.login("alice", password), 401);
  assert.equal((await site.admin("user", "delete", "alice")).code, 0);
  assert.equal((await site.admin("user", "delete", "alice")).code, 4);
});

test("a password comes from a file, and is then not printed", async () => {
  await using site = await startAdminSite();
  const file = join(site.folder, "password");
  await writeFile(file, "correct horse\n");
  const run = await site.admin("user", "password", "admin", "--password-file", file);
  assert.equal(run.code, 0, run.stderr);
  assert.doesNotMatch(run.stdout, /correct|password {2}/);
  assert.equal(await site.login("admin", "correct horse"), 200);
  await writeFile(file, "x".repeat(5000));
  const long = await site.admin("user", "password", "admin", "--password-file", file);
  assert.equal(long.code, 2);
});

test("a robot logs in with its token until it gets another one", async () => {
  await using site = await startAdminSite();
  await site.admin("organization", "create", "team");
  const { token } = JSON.parse((await site.admin("robot", "create", "team+ci", "--json")).stdout);
  assert.equal(await site.login("team+ci", token), 200);
  const renewed = await site.admin("robot", "token", "team+ci");
  assert.match(renewed.stdout, /^name {3}team\+ci\ntoken {2}wharf_\w+\n/);
  assert.equal(await site.login("team+ci", token), 401);
  assert.match((await site.admin("robot", "list", "team")).stdout, /^team\+ci /m);
  assert.equal((await site.admin("robot", "create", "teamci")).code, 2);
  assert.equal((await site.admin("robot", "delete", "team+ci")).code, 0);
  assert.equal((await site.admin("organization", "delete", "team")).code, 0);
});

test("repositories get settings and permissions, and are deleted", async () => {
  await using site = await startAdminSite();
  await site.admin("user", "create", "alice");
  await site.push("admin/app");
  const change = "repository change admin/app --visibility public --squash-at-push yes";
  const changed = await site.admin(...change.split(" "), "--squash-compression", "zstd", "--json");
  const { schemaVersion, ...settings } = JSON.parse(changed.stdout);
  assert.equal(schemaVersion, 1);
  assert.deepEqual(settings, {
    name: "admin/app",
    visibility: "public",
    state: "normal",
    squashAtPush: true,
    squashCompression: "zstd",
  });
  await site.admin("permission", "set", "admin/app", "alice", "write");
  const list = await site.admin("permission", "list", "admin/app");
  assert.match(list.stdout, /^write +user +alice$/m);
  const removed = await site.admin("permission", "remove", "admin/app", "alice", "--json");
  assert.equal(JSON.parse(removed.stdout).removed, true);
  assert.match((await site.admin("repository", "list")).stdout, /^admin\/app +public +normal/m);
  assert.equal((await site.admin("repository", "delete", "admin/app")).code, 0);
  assert.equal((await site.admin("repository", "delete", "admin/app")).code, 4);
});

test("tokens of users and repositories log in as what they are", async () => {
  await using site = await startAdminSite();
  await site.push("admin/app");
  for (const [flags, user] of [
    [["--user", "admin"], "$app"],
    [["--user", "admin", "--oauth"], "$oauthtoken"],
    [["--repository", "admin/app"], "$token"],
  ] as const) {
    const made = await site.admin("token", "create", "--expires", "1h", "--json", ...flags);
    const document = JSON.parse(made.stdout);
    assert.equal(document.user, user);
    assert.equal(await site.login(user, document.token), 200);
  }
  assert.equal((await site.admin("token", "create")).code, 2);
  assert.equal((await site.admin("token", "create", "--user", "a", "--expires", "soon")).code, 2);
});

test("gc tells what it would take, and takes it beside the running server", async () => {
  await using site = await startAdminSite();
  const dry = await site.admin("gc", "--dry-run", "--json");
  const { report } = JSON.parse(dry.stdout);
  assert.equal(report.dryRun, true);
  assert.equal(report.complete, true);
  const run = await site.admin("gc");
  assert.deepEqual([run.code, run.stderr], [0, ""]);
});

test("a wrong number of arguments shows how it is written", async () => {
  for (const verb of [
    ["user", "create"],
    ["user", "list", "x"],
    ["permission", "set", "a", "b"],
  ]) {
    const { code, stderr } = await runMain(["admin", ...verb]);
    assert.equal(code, 2);
    assert.match(stderr, /^wharf: wharf admin .* takes .*\nusage: wharf admin /);
  }
});

test("where no server has ever run, nothing is made", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-admin-"));
  const { code, stderr } = await runMain(["admin", "user", "list", "--data", folder.path]);
  assert.equal(code, 2);
  assert.match(stderr, /there is no registry here: .*wharf\.db does not exist/);
});
