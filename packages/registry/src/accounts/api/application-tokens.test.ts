import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { SCOPES } from "@wharf/contract";
import { ApiClient } from "../../testing/api-client.ts";
import { createApplicationToken } from "../admin/access-secrets.ts";
import { OPERATOR } from "../admin/actor.ts";
import { createOauthTokenFor } from "../oauth/create-token-for.ts";
import { textIn } from "../../testing/http-client.ts";
import { smallImage } from "../../testing/test-image.ts";
import { basic, everyRegistry, startTestRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";

const APPS = "/organization/team/applications";
const YEAR = 365 * 86_400_000;

/** Makes an application. @returns the path of its tokens */
async function addApplication(registry: TestRegistry): Promise<string> {
  const api = new ApiClient(registry.admin);
  const { client_id: id } = (await api.post(APPS, { name: "app" })).json;
  return `${APPS}/${id}/tokens`;
}

/** As the operator, who gives every scope. */
async function addToken(
  { administration }: TestRegistry,
  tokens: string,
  wish: { readonly scope: string; readonly repositories?: readonly string[] },
): Promise<string> {
  const [clientId = ""] = tokens.split("/").slice(-2);
  const place = { organization: "team", clientId };
  const made = { user: "admin", name: "token", ...wish };
  const { secret } = await createOauthTokenFor(administration, OPERATOR, place, made);
  return secret;
}

suite("tokens of OAuth applications", () => {
  everyRegistry((start) => {
    test("are shown once, act as their user, end by themselves, and are revoked", async () => {
      let now = Date.now();
      await using registry = await start({ now: () => now });
      const api = new ApiClient(registry.admin);
      const path = await addApplication(registry);
      await registry.pushImage("team/app", "v0", smallImage());
      const made = await api.post(path, { name: " deploy ", scope: "repo:write,user:read" });
      assert.equal(made.status, 200);
      const { token, uuid, created, expires_at: end, ...rest } = made.json;
      assert.equal(Date.parse(end) - Date.parse(created), YEAR);
      assert.deepEqual(rest, {
        name: "deploy",
        scope: "repo:write user:read",
        repositories: null,
        created_by: "admin",
        last_accessed: null,
        last_used_from: null,
      });
      for (const authorization of [`Bearer ${token}`, basic("$oauthtoken", token)]) {
        const client = registry.client(authorization);
        assert.equal((await new ApiClient(client).get("/user/authorizations")).status, 403);
        await registry.pushImage("team/app", "v1", smallImage(), client);
        assert.equal((await client.get("/v2/team/app/manifests/v1")).status, 200);
        assert.equal((await client.delete("/v2/team/app/manifests/v1")).status, 202);
      }
      const short = { name: "short", scope: "repo:read", expiration: 60 };
      const second = (await api.post(path, short)).json;
      const reader = registry.client(`Bearer ${second.token}`);
      assert.equal((await reader.get("/v2/team/app/tags/list")).status, 200);
      now += 60_000;
      assert.equal((await reader.get("/v2/team/app/tags/list")).status, 401);

      const first = (await api.get(`${path}?limit=1`)).json;
      assert.equal(first.tokens[0].uuid, second.uuid);
      const listed = (await api.get(`${path}?limit=1&next_page=${first.next_page}`)).json;
      assert.deepEqual([listed.tokens.length, listed.next_page], [1, undefined]);
      assert.equal(listed.tokens[0].token, undefined);
      assert.equal(listed.tokens[0].last_used_from, "127.0.0.1");

      const mine = (await api.get("/user/authorizations")).json.authorizations;
      assert.deepEqual(
        mine.map((one: { uuid: string }) => one.uuid),
        [second.uuid, uuid],
      );
      assert.equal(mine[1].application.organization.name, "team");
      assert.deepEqual(
        mine[1].scopes.map((one: { scope: string; dangerous: boolean }) => [
          one.scope,
          one.dangerous,
        ]),
        [
          ["repo:write", false],
          ["user:read", false],
        ],
      );
      assert.deepEqual((await api.get(`/user/authorizations/${uuid}`)).json, mine[1]);
      const other = new ApiClient(await registry.user("alice"));
      assert.equal((await other.get(`/user/authorizations/${uuid}`)).outcome, "404 NOT_FOUND");
      assert.equal((await other.delete(`/user/authorizations/${uuid}`)).outcome, "404 NOT_FOUND");
      assert.equal((await api.delete(`/user/authorizations/${uuid}`)).status, 204);
      assert.equal((await registry.client(`Bearer ${token}`).get("/v2/")).status, 401);
      assert.equal((await api.delete(`${path}/${second.uuid}`)).status, 204);
      assert.equal((await api.delete(`${path}/${second.uuid}`)).outcome, "404 NOT_FOUND");
    });

    test("give what their scopes say, on the API and on /v2", async () => {
      await using registry = await start();
      const image = smallImage();
      await registry.pushImage("team/app", "v1", image);
      const path = await addApplication(registry);
      const works = {
        "repo:read": ["pull"],
        "repo:write": ["pull", "push"],
        "repo:admin": ["pull", "push", "robot-less admin"],
        "repo:create": ["create"],
        "user:read": [],
        "user:admin": ["authorizations"],
        "org:admin": ["robots"],
        "super:user": [],
      } as const;
      for (const scope of Object.keys(SCOPES) as (keyof typeof works)[]) {
        const token = await addToken(registry, path, { scope });
        const client = registry.client(`Bearer ${token}`);
        const api = new ApiClient(client);
        const pull = (await client.get("/v2/team/app/manifests/v1")).status === 200;
        const push = (await client.post("/v2/team/app/blobs/uploads/", "")).status === 202;
        const create =
          (await client.post(`/v2/team/${scope.replace(":", "-")}/blobs/uploads/`, "")).status ===
          202;
        const robots = (await api.get("/organization/team/robots")).status === 200;
        const authorizations = (await api.get("/user/authorizations")).status === 200;
        const found = Object.entries({ pull, push, create, robots, authorizations })
          .filter(([, may]) => may)
          .map(([name]) => name);
        const expected = works[scope].filter((name) => name !== "robot-less admin");
        assert.deepEqual(found.toSorted(), expected.toSorted(), scope);
        // The same by a token of /v2/auth that was made of it.
        const asked = "/v2/auth?scope=repository:team/app:pull,push";
        const { scope: given } = (await registry.client(basic("$oauthtoken", token)).get(asked))
          .json as unknown as { readonly scope: string };
        assert.equal(given.includes("pull"), pull, scope);
        assert.equal(given.includes("push"), push, scope);
      }
    });

    test("for named repositories open nothing else, and list nothing else", async () => {
      await using registry = await start({ config: { accounts: { anonymousAccess: false } } });
      for (const name of ["team/app", "team/other", "team/public"]) {
        await registry.pushImage(name, "v1", smallImage());
      }
      await registry.change("team/public", { visibility: "public" });
      const path = await addApplication(registry);
      const limited = { scope: "repo:admin repo:create", repositories: ["team/app", "team/new"] };
      const token = await addToken(registry, path, limited);
      for (const authorization of [`Bearer ${token}`, basic("$oauthtoken", token)]) {
        const client = registry.client(authorization);
        const api = new ApiClient(client);
        const status = async (name: string): Promise<number> =>
          (await client.get(`/v2/${name}/manifests/v1`)).status;
        assert.deepEqual(
          await Promise.all(["team/app", "team/other", "team/public"].map(status)),
          [200, 404, 404],
        );
        const upload = async (name: string): Promise<number> =>
          (await client.post(`/v2/${name}/blobs/uploads/`, "")).status;
        assert.deepEqual(
          await Promise.all(["team/app", "team/other", "team/more", "team/new"].map(upload)),
          [202, 403, 403, 202],
        );
        assert.equal(
          (await api.get("/organization/team/robots")).outcome,
          "403 SCOPE_INSUFFICIENT",
        );
      }
      const read = { scope: "repo:read", repositories: ["team/app"] };
      const reader = registry.client(`Bearer ${await addToken(registry, path, read)}`);
      const { repositories } = (await reader.get("/v2/_catalog")).json;
      assert.deepEqual(repositories, ["team/app"]);
      const none = registry.client(
        `Bearer ${await addToken(registry, path, { scope: "user:read" })}`,
      );
      assert.deepEqual((await none.get("/v2/_catalog")).json["repositories"], []);
      // Nor by a token of /v2/auth, which could not say so.
      const secret = await addToken(registry, path, read);
      const client = registry.client(basic("$oauthtoken", secret));
      const jwt = (await client.get("/v2/auth?scope=registry:catalog:*")).json["token"];
      const catalog = await registry.client(`Bearer ${textIn(jwt)}`).get("/v2/_catalog");
      assert.equal(catalog.status, 401);
    });
  });

  test("never give more than what they were made with", async () => {
    await using registry = await startTestRegistry();
    const path = await addApplication(registry);
    const limited = new ApiClient(
      registry.client(`Bearer ${await addToken(registry, path, { scope: "org:admin repo:read" })}`),
    );
    const ask = async (body: object): Promise<string> =>
      (await limited.post(path, { name: "more", ...body })).outcome;
    assert.equal(await ask({ scope: "repo:read" }), "200");
    for (const scope of ["user:admin", "super:user", "repo:write", "org:admin user:read"]) {
      assert.equal(await ask({ scope }), "403 SCOPE_INSUFFICIENT", scope);
    }
    const owner = new ApiClient(await registry.user("olga"));
    await new ApiClient(registry.admin).put("/organization/team/team/owners/members/olga");
    const superuser = await owner.post(path, { name: "a", scope: "super:user" });
    assert.equal(superuser.outcome, "403 DENIED");
    // With it somebody who has found an application token could change the password.
    const { secret } = await createApplicationToken(registry.administration, OPERATOR, "olga", {
      title: "laptop",
    });
    const laptop = new ApiClient(registry.client(basic("$app", secret)));
    const takeover = await laptop.post(path, { name: "a", scope: "repo:read" });
    assert.equal(takeover.outcome, "403 DENIED");
    assert.match(takeover.json.detail, /application token/);
    const api = new ApiClient(registry.admin);
    for (const [body, field] of [
      [{ scope: "everything" }, "scope"],
      [{ scope: " , " }, "scope"],
      [{ scope: "repo:read", name: " " }, "name"],
      [{ scope: "repo:read", expiration: 0 }, "expiration"],
      [{ scope: "repo:read", expiration: "1" }, "expiration"],
      [{ scope: "repo:read", repositories: [] }, "repositories"],
      [{ scope: "repo:read", repositories: ["Team/App"] }, "repositories"],
      [{ scope: "repo:read org:admin", repositories: ["team/app"] }, "repositories"],
    ] as const) {
      const { status, json } = await api.post(path, { name: "token", ...body });
      assert.deepEqual([status, json.field], [400, field], JSON.stringify(body));
    }
    const forever = await api.post(path, { name: "a", scope: "repo:read", expiration: 1e12 });
    assert(Date.parse(forever.json.expires_at) - Date.now() < 10.01 * YEAR);
  });

  test("wrong ones are throttled by address, right ones always pass", async () => {
    await using registry = await startTestRegistry({
      config: { accounts: { failuresPerMinute: 3 } },
    });
    const path = await addApplication(registry);
    const token = await addToken(registry, path, { scope: "repo:read" });
    const status = async (bearer: string): Promise<number> =>
      (await registry.client(`Bearer ${bearer}`).get("/v2/")).status;
    const app = (await new ApiClient(registry.admin).put("/organization/team/robots/bot")).json;
    assert.equal(await status(app.token), 401, "a robot's token is no OAuth token");
    assert.equal(await status("wharf_wrong"), 401);
    assert.equal(await status("wrong"), 401);
    assert.equal(await status("wrong"), 429);
    assert.equal(await status(token), 200);
    const api = new ApiClient(registry.client("Bearer wrong"));
    assert.equal((await api.get("/user/authorizations")).outcome, "429 TOOMANYREQUESTS");
  });
});
