// Long because it is one thing: what the API does with repositories, by everybody who may ask.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOauthToken } from "../../accounts/admin/access-secrets.ts";
import { OPERATOR } from "../../accounts/admin/actor.ts";
import { ApiClient } from "../../testing/api-client.ts";
import type { ApiAnswer } from "../../testing/api-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { basic, everyRegistry } from "../../testing/test-registry.ts";

const image = smallImage();
const { digest } = image.manifest.descriptor;

everyRegistry((start) => {
  test("a repository is created, described, changed and refused as in Quay", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    const alice = new ApiClient(await registry.user("alice"));
    const wish = { repository: "app/worker", visibility: "private", description: "# Worker" };
    const made = await alice.post("/repository", wish);
    assert.equal(made.status, 201);
    assert.deepEqual(made.json, { namespace: "alice", name: "app/worker", kind: "image" });
    const again = await alice.post("/repository", { ...wish, namespace: "alice" });
    assert.equal(again.outcome, "400 CONFLICT");
    assert.match(again.json.error_message, /^Repository already exists$/);
    for (const [body, outcome, field] of [
      [{ ...wish, repository: "Bad Name" }, "400 NAME_INVALID", "repository"],
      [{ ...wish, repository: "../etc" }, "400 NAME_INVALID", "repository"],
      [{ ...wish, repository: "x".repeat(252) }, "400 NAME_INVALID", "repository"],
      [{ ...wish, namespace: "team" }, "403 DENIED", "namespace"],
      [{ ...wish, namespace: "nobody" }, "403 DENIED", "namespace"],
      [{ ...wish, namespace: "~deleted", repository: "1" }, "400 NAME_INVALID", "repository"],
      [{ ...wish, visibility: "secret" }, "400 PARAMETER_INVALID", "visibility"],
      [{ ...wish, repo_kind: "application" }, "400 PARAMETER_INVALID", "repo_kind"],
      [{ ...wish, description: "a\0b" }, "400 PARAMETER_INVALID", "description"],
      [{ visibility: "private" }, "400 PARAMETER_INVALID", "repository"],
    ] as const) {
      const refused = await alice.post("/repository", body);
      assert.equal(refused.outcome, outcome, JSON.stringify(body));
      assert.equal(refused.json.field, field);
    }
    const missing = await admin.post("/repository", { ...wish, namespace: "nobody" });
    assert.equal(missing.outcome, "404 NAME_UNKNOWN");

    await registry.pushImage("alice/app/worker", "v1", image);
    await registry.settled();
    const path = "/repository/alice/app/worker";
    const { json } = await alice.get(`${path}?includeStats=true`);
    const { tags, stats, created_at, pushed_at, quota_report, ...rest } = json;
    assert.deepEqual(rest, {
      namespace: "alice",
      name: "app/worker",
      kind: "image",
      description: "# Worker",
      is_public: false,
      is_organization: false,
      is_starred: false,
      status_token: "",
      trust_enabled: false,
      tag_expiration_s: 14 * 86_400,
      is_free_account: true,
      state: "NORMAL",
      can_write: true,
      can_admin: true,
      squash_at_push: false,
      squash_compression: "none",
    });
    assert.equal(tags.v1.manifest_digest, digest);
    assert.ok(tags.v1.size > 0);
    assert.match(tags.v1.last_modified, /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} -0000$/);
    assert.equal(stats.length, 92);
    assert.match(stats[0].date, /^\d{4}-\d\d-\d\d$/);
    assert.ok(Date.parse(created_at) <= Date.now() && Date.parse(pushed_at) > 0);
    assert.equal(quota_report.quota_bytes, tags.v1.size);
    assert.equal((await alice.get(`${path}?includeTags=false`)).json.tags, undefined);

    const changes = { description: "new", squash_at_push: true, squash_compression: "zstd" };
    assert.deepEqual((await alice.put(path, changes)).json, { success: true });
    await alice.post(`${path}/changevisibility`, { visibility: "public" });
    await alice.put(`${path}/changestate`, { state: "READ_ONLY" });
    assert.partialDeepStrictEqual((await alice.get(path)).json, {
      ...changes,
      is_public: true,
      state: "READ_ONLY",
      can_write: false,
      can_admin: true,
    });
    assert.equal((await alice.put(path, { description: "still" })).status, 200);
    const stranger = new ApiClient(await registry.user("bob"));
    assert.equal((await stranger.get(path)).status, 200);
    assert.equal((await stranger.get(path)).json.can_write, false);
    assert.equal((await stranger.put(path, { description: "mine" })).outcome, "403 DENIED");
    await registry.permit("bob", "alice/app/worker", "write");
    assert.equal((await stranger.put(path, { description: "ours" })).status, 200);
    assert.equal((await stranger.put(path, { squash_at_push: false })).outcome, "403 DENIED");
    const kinds = await auditKinds(registry.database.read);
    for (const kind of [
      "create_repo",
      "set_repo_description",
      "change_repo_settings",
      "change_repo_visibility",
      "change_repo_state",
    ]) {
      assert.ok(kinds.has(kind), kind);
    }
  });

  test("everybody is listed what they may see, and nothing else", async () => {
    await using registry = await start();
    const { administration } = registry;
    await registry.organization("other");
    for (const name of ["team/a", "team/b", "team/public", "other/secret", "other/open"]) {
      const [namespace, repository] = name.split("/");
      const visibility = repository === "public" || repository === "open" ? "public" : "private";
      const body = { namespace, repository, visibility, description: "" };
      assert.equal((await new ApiClient(registry.admin).post("/repository", body)).status, 201);
    }
    const alice = await registry.user("alice");
    await registry.permit("alice", "team/a", "read");
    await new ApiClient(alice).post("/repository", {
      repository: "own",
      visibility: "private",
      description: "",
    });
    const robot = await registry.robot("ci");
    await registry.permit("team+ci", "team/b", "write");
    const oauth = async (scopes: string, repositories?: string[]): Promise<ApiClient> => {
      const { id, secret } = await createOauthToken(administration, OPERATOR, "alice", {
        title: "t",
      });
      const limits = { scopes, repositories: repositories && JSON.stringify(repositories) };
      await administration.database.transaction((trx) =>
        trx.updateTable("credentials").set(limits).where("id", "=", id).execute(),
      );
      return new ApiClient(registry.client(basic("$oauthtoken", secret)));
    };
    const askers: readonly (readonly [string, ApiClient, readonly string[]])[] = [
      ["nobody", new ApiClient(registry.client()), []],
      ["alice", new ApiClient(alice), ["alice/own", "team/a"]],
      ["a stranger", new ApiClient(await registry.user("bob")), []],
      ["a robot", new ApiClient(robot), ["team/b"]],
      ["a token", await oauth("repo:read"), ["alice/own", "team/a"]],
      ["a token without the scope", await oauth("user:read"), []],
      ["a token for one repository", await oauth("repo:read", ["team/a"]), ["team/a"]],
      [
        "a superuser",
        new ApiClient(registry.admin),
        ["alice/own", "other/open", "other/secret", "team/a", "team/b", "team/public"],
      ],
    ];
    for (const [name, asker, granted] of askers) {
      assert.deepEqual(namesOf(await asker.get("/repository")), granted, name);
      const open = [...new Set([...granted, "other/open", "team/public"])].toSorted();
      assert.deepEqual(namesOf(await asker.get("/repository?public=true")), open, name);
      const team = open.filter((repository) => repository.startsWith("team/"));
      const inTeam = await asker.get("/repository?public=true&namespace=team");
      assert.deepEqual(namesOf(inTeam), team, name);
      const byPush = await asker.get("/repository?public=true&sort=last_modified");
      assert.deepEqual(namesOf(byPush).toSorted(), open, name);
      assert.deepEqual(await pages(asker, "/repository?public=true&limit=1"), open, name);
      const pushed = await pages(asker, "/repository?public=true&limit=1&sort=last_modified");
      assert.deepEqual(pushed.toSorted(), open, name);
    }
    // The same for `docker search`; the catalog has what was granted and what is public.
    const catalog = await alice.get("/v2/_catalog");
    assert.deepEqual(catalog.json["repositories"], [
      "alice/own",
      "other/open",
      "team/a",
      "team/public",
    ]);
    for (const query of [
      "limit=0",
      "limit=101",
      "limit=x",
      "public=perhaps",
      "next_page=nonsense",
      `sort=last_modified&next_page=${Buffer.from('{"before":1.5,"id":1}').toString("base64url")}`,
      "sort=size",
    ]) {
      const refused = await new ApiClient(alice).get(`/repository?${query}`);
      assert.equal(refused.outcome, "400 PARAMETER_INVALID", query);
    }
    for (const namespace of ["nobody", "~deleted", "%25", "..", "a%00b", "TEAM"]) {
      const { status, json } = await new ApiClient(alice).get(`/repository?namespace=${namespace}`);
      assert.ok(status === 400 || json.repositories.length === 0, namespace);
    }
    const kinds = await new ApiClient(alice).get("/repository?repo_kind=application");
    assert.deepEqual(kinds.json.repositories, []);
  });

  test("the last pushed comes first, with what was asked for", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    await admin.post("/repository", {
      namespace: "team",
      repository: "never",
      visibility: "private",
      description: "",
    });
    await registry.pushImage("team/old", "v1", image);
    await registry.settled();
    await registry.database.transaction((trx) =>
      trx.updateTable("repositories").set({ pushed_at: 5000 }).where("pushed_at", ">", 0).execute(),
    );
    await registry.pushImage("team/new", "v1", image);
    await registry.settled();
    const url = "/repository?namespace=team&sort=last_modified&last_modified=true&popularity=true";
    const { json } = await admin.get(url);
    assert.deepEqual(
      json.repositories.map((r: { name: string }) => r.name),
      ["new", "old", "never"],
    );
    const [newest, old, never] = json.repositories;
    assert.ok(newest.last_modified > 1_000_000);
    assert.equal(old.last_modified, 5);
    assert.equal(never.last_modified, null);
    assert.equal(newest.popularity, 0);
    assert.equal(newest.is_starred, false);
    assert.deepEqual(Object.keys(newest.quota_report).toSorted(), [
      "configured_quota",
      "pending_bytes",
      "quota_bytes",
      "running_backfill",
    ]);
    assert.equal(newest.quota_report.running_backfill, "complete");
  });

  test("stars are one's own, once, and only of what one may see", async () => {
    await using registry = await start();
    const alice = new ApiClient(await registry.user("alice"));
    const bob = new ApiClient(await registry.user("bob"));
    await registry.pushImage("team/app", "v1", image);
    await registry.pushImage("team/hidden", "v1", image);
    await registry.change("team/app", { visibility: "public" });
    const star = { namespace: "team", repository: "app" };
    for (let times = 0; times < 2; times++) {
      const { status, json } = await alice.post("/user/starred", star);
      assert.equal(status, 201);
      assert.deepEqual(json, star);
    }
    for (const repository of ["hidden", "nothing", "../app", "a\ud800"]) {
      const refused = await alice.post("/user/starred", { namespace: "team", repository });
      assert.equal(refused.outcome, "404 NAME_UNKNOWN");
    }
    assert.deepEqual(namesOf(await alice.get("/user/starred")), ["team/app"]);
    assert.deepEqual(namesOf(await alice.get("/repository?starred=true")), ["team/app"]);
    assert.equal((await alice.get("/repository/team/app")).json.is_starred, true);
    assert.deepEqual(namesOf(await bob.get("/user/starred")), []);
    await registry.change("team/app", { visibility: "private" });
    assert.deepEqual(namesOf(await alice.get("/user/starred")), [], "hidden from now on");
    assert.equal((await alice.delete("/user/starred/team/app")).outcome, "404 NAME_UNKNOWN");
    await registry.change("team/app", { visibility: "public" });
    assert.equal((await alice.delete("/user/starred/team/app")).status, 204);
    assert.equal((await alice.delete("/user/starred/team/app")).status, 204);
    assert.deepEqual(namesOf(await alice.get("/user/starred")), []);
    const nobody = new ApiClient(registry.client());
    assert.equal((await nobody.get("/user/starred")).outcome, "401 UNAUTHORIZED");
    assert.equal((await nobody.get("/repository?starred=true")).json.repositories.length, 0);
  });

  test("repositories are found by any part of the name and by words of the description", async () => {
    await using registry = await start();
    const admin = new ApiClient(registry.admin);
    const alice = new ApiClient(await registry.user("alice"));
    for (const [repository, visibility, description] of [
      ["web/server", "public", "Serves the *pages* of the shop"],
      ["webhook", "public", ""],
      ["internal", "private", "pages nobody else"],
      ["100%_sure", "public", "a_b"],
    ] as const) {
      const body = { namespace: "team", repository, visibility, description };
      const { outcome } = await admin.post("/repository", body);
      if (repository === "100%_sure") assert.equal(outcome, "400 NAME_INVALID");
    }
    const find = async (asker: ApiClient, query: string): Promise<string[]> => {
      const { json } = await asker.get(`/find/repositories?query=${encodeURIComponent(query)}`);
      return json.results.map((r: Found) => `${r.namespace.name}/${r.name}`);
    };
    assert.deepEqual(await find(alice, "web"), ["team/webhook", "team/web/server"]);
    assert.deepEqual(await find(alice, "BHO"), ["team/webhook"]);
    assert.deepEqual(await find(alice, "eb/se"), ["team/web/server"]);
    assert.deepEqual(await find(alice, "pages"), ["team/web/server"]);
    assert.deepEqual(await find(alice, "page shop"), ["team/web/server"]);
    assert.deepEqual(await find(alice, "page nowhere"), []);
    assert.deepEqual(await find(admin, "pages"), ["team/internal", "team/web/server"]);
    for (const query of ["%", "_", "\\", "'", "*", "", " "]) {
      assert.deepEqual(await find(alice, query), [], query);
    }
    assert.equal((await alice.get("/find/repositories?query=a%00b")).status, 400);
    await admin.put("/repository/team/webhook", { description: "calls back" });
    assert.deepEqual(await find(alice, "back"), ["team/webhook"]);
    const listed = await alice.get("/repository?public=true&q=web");
    assert.deepEqual(namesOf(listed), ["team/web/server", "team/webhook"]);
    const searched = await registry.client(registry.authorization).get("/v1/search?q=webh");
    assert.equal(searched.json["num_results"], 1);

    const first = await alice.get("/find/repositories?query=web&limit=1&includeUsage=true");
    assert.equal(first.json.has_additional, true);
    assert.equal(first.json.results[0].quota_report.quota_bytes, 0);
    const next = `/find/repositories?query=web&limit=1&next_page=${first.json.next_page}`;
    assert.equal((await alice.get(next)).json.results[0].name, "web/server");
    assert.equal((await alice.get("/find/repositories?query=web&limit=1&page=2")).json.page, 2);

    const all = async (asker: ApiClient, query: string): Promise<Map<string, string>> => {
      const { json } = await asker.get(`/find/all?query=${query}`);
      return new Map(json.results.map((r: Found) => [`${r.kind} ${r.name}`, r.href]));
    };
    await registry.robot("webber");
    await alice.get("/user");
    const team = await all(alice, "team");
    assert.equal(team.get("organization team"), "/organization/team", "it has public ones");
    assert.ok(![...team.keys()].some((key) => key.startsWith("team ")), "not its teams");
    const owners = await all(admin, "own");
    assert.equal(owners.get("team owners"), "/organization/team/teams/owners");
    assert.ok((await all(admin, "webb")).has("robot team+webber"));
    assert.ok(!(await all(alice, "webb")).has("robot team+webber"));
    assert.ok((await all(alice, "ali")).has("user alice"));
    assert.ok(!(await all(new ApiClient(registry.client()), "ali")).has("user alice"));
    assert.deepEqual((await alice.get("/find/all")).json, { results: [] });
  });
});

interface Found {
  readonly kind: string;
  readonly name: string;
  readonly href: string;
  readonly namespace: { readonly name: string };
}

function namesOf({ status, json }: ApiAnswer): string[] {
  assert.equal(status, 200);
  return json.repositories.map(
    (r: { namespace: string; name: string }) => `${r.namespace}/${r.name}`,
  );
}

async function pages(asker: ApiClient, url: string): Promise<string[]> {
  const names: string[] = [];
  for (let next = ""; ;) {
    const answer = await asker.get(`${url}${next}`);
    names.push(...namesOf(answer));
    if (answer.json.next_page === undefined) return names;
    next = `&next_page=${answer.json.next_page}`;
  }
}

async function auditKinds(
  read: Parameters<typeof import("../repository-store.ts").findByName>[0],
): Promise<Set<string>> {
  const rows = await read.selectFrom("audit_log").select("kind").execute();
  return new Set(rows.map(({ kind }) => kind));
}
