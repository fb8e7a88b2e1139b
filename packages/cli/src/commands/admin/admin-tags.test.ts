import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { startAdminSite } from "../../testing/admin-site.ts";
import type { AdminSite } from "../../testing/admin-site.ts";

const NOWHERE = `sha256:${"0".repeat(64)}`;

suite("wharf admin: repositories, tags and time", () => {
  let site: AdminSite;
  before(async () => {
    site = await startAdminSite();
  });
  after(() => site[Symbol.asyncDispose]());

  /** Two images, tagged 1.0 and 2.0. */
  const pushTwo = async (repository: string) => ({
    one: await site.pushImage(repository, "1.0", "one"),
    two: await site.pushImage(repository, "2.0", "two"),
  });

  test("a tag is created, moved and listed, and its history tells who did it", async () => {
    const { one, two } = await pushTwo("admin/app");
    const set = ["tag", "set", "admin/app", "stable"];
    const made = await site.json(...set, "1.0");
    assert.deepEqual([made.status, made.digest, made.movedFrom], ["created", one, null]);
    const moved = await site.json(...set, two);
    assert.deepEqual([moved.status, moved.digest, moved.movedFrom], ["moved", two, one]);
    assert.equal((await site.json(...set, "2.0")).status, "unchanged");
    assert.equal((await site.admin(...set, "1.0", "--new")).code, 2);
    assert.equal((await site.admin(...set, NOWHERE)).code, 4);
    assert.equal((await site.admin("tag", "list", "admin/no")).code, 4);

    const { tags } = await site.json("tag", "list", "admin/app");
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    assert.deepEqual(names(tags), ["1.0", "2.0", "stable"]);
    assert.deepEqual([tags[0].digest, tags[0].startedBy], [one, "admin"]);
    const filtered = await site.json("tag", "list", "admin/app", "--pattern", "^[0-9]");
    assert.deepEqual(names(filtered.tags), ["1.0", "2.0"]);
    const all = await site.json("tag", "list", "admin/app", "--all", "--filter", "sta");
    assert.deepEqual(names(all.tags), ["stable", "stable"]);
    assert.equal((await site.admin("tag", "list", "admin/app", "--pattern", "(")).code, 2);

    const { history } = await site.json("tag", "history", "admin/app", "stable");
    assert.deepEqual(
      history.map(({ digest, endKind }: Record<string, string>) => [digest, endKind]),
      [
        [two, null],
        [one, "moved"],
      ],
    );
    const lines = await site.lines("tag", "history", "admin/app", "stable");
    assert.match(lines[0] ?? "", / to now$/);
    assert.match(lines[2] ?? "", /moved, restorable until /);
    assert.deepEqual([lines[1], lines[3]], [`  ${two}`, `  ${one}`]);
    assert.match((await site.lines("tag", "list", "admin/app"))[0] ?? "", /^TAG +SINCE +SIZE/);
  });

  test("tags go back to an image and to a time, one by one and all together", async () => {
    const { one, two } = await pushTwo("admin/time");
    await site.json("tag", "set", "admin/time", "edge", "1.0");
    const { tags } = await site.json("tag", "list", "admin/time");
    const edge = tags.find(({ name }: { name: string }) => name === "edge");
    const then: string = edge.startedAt;
    await site.json("tag", "set", "admin/time", "edge", "2.0");
    const restore = ["tag", "restore", "admin/time", "edge"];
    const back = await site.json(...restore, "--digest", one);
    assert.deepEqual([back.status, back.digest, back.movedFrom], ["moved", one, two]);
    assert.equal((await site.json("tag", "delete", "admin/time", "edge")).digest, one);
    assert.equal((await site.admin("tag", "delete", "admin/time", "edge")).code, 4);
    const restored = await site.json(...restore, "--at", then);
    assert.deepEqual([restored.status, restored.digest], ["restored", one]);
    assert.equal((await site.json(...restore, "--at", then)).status, "unchanged");
    assert.equal((await site.admin(...restore)).code, 2);
    assert.equal((await site.admin(...restore, "--at", "2020-01-01")).code, 2);

    await site.json("tag", "set", "admin/time", "edge", "2.0");
    const travel = ["repository", "restore-tags", "admin/time", "--at", then];
    const preview = await site.json(...travel, "--preview", "--tag", "edge");
    assert.equal(preview.applied, false);
    assert.deepEqual(preview.changes, [{ tag: "edge", action: "move", from: two, to: one }]);
    assert.equal((await site.json(...travel)).counts.moved, 1);
    assert.match((await site.lines(...travel)).join(" "), /done: 0 moved, 0 restored/);
    const listed = await site.json("tag", "list", "admin/time", "--at", then);
    assert.equal(listed.complete, true);
    assert.equal((await site.admin("repository", "restore-tags", "admin/time")).code, 2);
  });

  test("tags expire, are protected, and are forgotten for good", async () => {
    const { one, two } = await pushTwo("admin/kept");
    const of = (verb: string) => ["tag", verb, "admin/kept", "rc"];
    await site.json(...of("set"), "1.0");
    const expiring = await site.json(...of("expire"), "--at", "2w");
    assert.ok(Date.parse(expiring.expiresAt) > Date.now() + 13 * 86_400_000);
    assert.equal((await site.json(...of("expire"), "--never")).expiresAt, null);
    assert.equal((await site.admin(...of("expire"))).code, 2);
    assert.equal((await site.admin(...of("expire"), "--at", "1d", "--never")).code, 2);
    assert.equal((await site.json(...of("protect"))).immutable, true);
    assert.equal((await site.admin(...of("set"), "2.0")).code, 2);
    assert.equal((await site.json(...of("unprotect"))).immutable, false);
    assert.equal((await site.json(...of("set"), "2.0")).status, "moved");

    assert.equal((await site.admin(...of("purge"), two)).code, 2);
    await site.json(...of("purge"), one);
    assert.equal((await site.admin(...of("restore"), "--digest", NOWHERE)).code, 4);
    const { history } = await site.json("tag", "history", "admin/kept", "rc");
    assert.deepEqual(
      history.map(({ digest }: { digest: string }) => digest),
      [two],
    );
  });

  test("policies tell what would go, and protect by name", async () => {
    await site.pushImage("admin/nightly", "n-1", "n1");
    await site.pushImage("admin/nightly", "n-2", "n2");
    const rule = ["--keep", "1", "--pattern", "^n-"];
    const place = "admin/nightly";
    const { tags } = await site.json("policy", "prune", "preview", place, ...rule);
    assert.deepEqual(
      tags.map(({ name }: { name: string }) => name),
      ["n-1"],
    );
    const protect = await site.json("policy", "immutability", "add", place, "n-");
    assert.deepEqual((await site.json("policy", "prune", "preview", place, ...rule)).tags, []);
    assert.deepEqual((await site.json("policy", "immutability", "list", place)).policies, [
      { id: protect.id, pattern: "n-", matches: true },
    ]);
    await site.json("policy", "immutability", "remove", place, protect.id);

    const made = await site.json("policy", "prune", "add", "admin", "--older-than", "30d");
    assert.deepEqual((await site.json("policy", "prune", "list", "admin")).policies, [
      { id: made.id, keep: null, olderThan: "30d", pattern: null, matches: true },
    ]);
    await site.json("policy", "prune", "remove", "admin", made.id);
    const again = await site.admin("policy", "prune", "remove", "admin", made.id);
    assert.equal(again.code, 4);
    for (const wrong of [
      [],
      ["--keep", "1", "--older-than", "1d"],
      ["--except"],
      ["--keep", "x"],
    ]) {
      assert.equal((await site.admin("policy", "prune", "add", place, ...wrong)).code, 2);
    }
  });

  test("a deleted repository is listed, restored under its name or another, and purged", async () => {
    const name = "admin/gone";
    await site.json("repository", "create", name, "--visibility", "public");
    assert.equal((await site.admin("repository", "create", name)).code, 2);
    assert.equal((await site.admin("repository", "create", "gone")).code, 2);
    await site.json("repository", "delete", name);
    const { repositories } = await site.json("repository", "deleted", "admin");
    assert.equal(repositories[0].name, name);
    const restored = await site.json("repository", "restore", name, "--name", "back");
    assert.deepEqual([restored.name, restored.visibility], ["admin/back", "public"]);
    await site.json("repository", "delete", "admin/back");
    const again = await site.json("repository", "deleted", "admin");
    const id = String(again.repositories[0].id);
    await site.json("repository", "purge", id);
    for (const verb of [
      ["purge", id],
      ["restore", id],
      ["restore", "admin/back"],
      ["restore", name],
    ]) {
      assert.equal((await site.admin("repository", ...verb)).code, 4);
    }
  });

  test("the log tells what the operator did, and is exported as lines and as a table", async () => {
    await site.pushImage("admin/logged", "1.0", "one");
    await site.json("tag", "set", "admin/logged", "stable", "1.0");
    const query = ["--repository", "admin/logged", "--kind", "create_tag", "--from", "1h"];
    const created = await until(async () => {
      const { entries } = await site.json("log", "list", ...query);
      return entries.length >= 2 ? entries : undefined;
    });
    const entry = created.find(({ metadata }) => metadata.tag === "stable");
    assert.ok(entry);
    assert.deepEqual(
      [entry.kind, entry.performerKind, entry.repository],
      ["create_tag", "operator", "admin/logged"],
    );
    const lines = (await site.admin("log", "export", ...query)).stdout.trimEnd().split("\n");
    assert.equal(lines.length, created.length);
    assert.equal(JSON.parse(lines[0] ?? "").repository, "admin/logged");
    const csv = (await site.admin("log", "export", ...query, "--format", "csv")).stdout;
    assert.match(csv, /^id,time,kind,performer,/);
    assert.equal(csv.trimEnd().split("\r\n").length, created.length + 1);
    assert.match((await site.lines("log", "list", "--namespace", "admin"))[0] ?? "", /^TIME +KIND/);
    for (const wrong of [
      ["--limit", "0"],
      ["--from", "soon"],
      ["--kind", "A B"],
    ]) {
      assert.equal((await site.admin("log", "list", ...wrong)).code, 2);
    }
    assert.equal((await site.admin("log", "list", "--repository", "admin/no")).code, 4);
  });
});

interface Entry {
  readonly kind: string;
  readonly performerKind: string;
  readonly repository: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Entries stand in the log soon after the commit. */
async function until(read: () => Promise<readonly Entry[] | undefined>): Promise<readonly Entry[]> {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await read();
    if (found !== undefined) return found;
    assert.ok(Date.now() < end, "the entries did not come");
  }
}
