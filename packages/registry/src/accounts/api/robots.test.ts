import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { basic, everyRegistry, startTestRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";

const BOT = "/organization/team/robots/deploy";

suite("robots by the API", () => {
  everyRegistry((start) => {
    test("are made once, changed, shown with their token, and deleted with what they have", async () => {
      let now = Date.now();
      await using registry = await start({ now: () => now });
      const api = new ApiClient(registry.admin);
      const made = await api.put(BOT, {
        description: "deploys",
        unstructured_metadata: { by: "terraform" },
        something: "that Quay's automation sends",
      });
      assert.equal(made.status, 201);
      const { token, created, ...rest } = made.json;
      assert.match(token, /^wharf_/);
      assert.match(created, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d -0000$/);
      assert.deepEqual(rest, {
        name: "team+deploy",
        last_accessed: null,
        description: "deploys",
        expiration: null,
        unstructured_metadata: { by: "terraform" },
      });

      const expiration = new Date(now + 3_600_000).toISOString();
      const changed = await api.put(BOT, { description: "still deploys", expiration });
      assert.equal(changed.status, 200);
      assert.deepEqual(changed.json, { ...made.json, description: "still deploys", expiration });
      assert.deepEqual((await api.get(BOT)).json, changed.json);

      await registry.admin.post("/v2/team/app/blobs/uploads/", "");
      await registry.permit("team+deploy", "team/app", "write");
      assert.deepEqual((await api.get(`${BOT}/permissions`)).json, {
        permissions: [{ repository: { name: "app", is_public: false }, role: "write" }],
      });
      await addToTeam(registry, "team+deploy");
      const listed = await api.get("/organization/team/robots?permissions=true");
      assert.deepEqual(
        listed.json.robots.map((robot: { teams: { name: string }[] }) => ({
          ...robot,
          teams: robot.teams.map(({ name }) => name),
        })),
        [
          {
            ...without(changed.json, "unstructured_metadata"),
            teams: ["owners"],
            repositories: ["app"],
          },
        ],
      );

      const robot = registry.client(basic("team+deploy", token));
      assert.equal((await robot.get("/v2/team/app/tags/list")).status, 200);
      now += 3_600_000;
      const expired = registry.client(basic("team+deploy", token));
      assert.equal((await expired.get("/v2/team/app/tags/list")).status, 401);
      await api.put(BOT, { expiration: null });
      assert.equal((await expired.get("/v2/team/app/tags/list")).status, 200);

      assert.equal((await api.delete(BOT)).status, 204);
      assert.equal((await api.delete(BOT)).status, 404);
      assert.equal((await robot.get("/v2/team/app/tags/list")).status, 401);
      const { read } = registry.database;
      const count = (table: "repository_permissions" | "team_members"): Promise<unknown[]> =>
        read.selectFrom(table).select("account_id").execute();
      // Those of the administrator alone.
      assert.equal((await count("repository_permissions")).length, 1);
      assert.equal((await count("team_members")).length, 1);
      const secrets = read.selectFrom("credentials").selectAll().where("kind", "=", "robot");
      assert.deepEqual(await secrets.execute(), []);
    });

    test("several tokens overlap, so one is changed without a break", async () => {
      let now = Date.now();
      await using registry = await start({ now: () => now });
      let api = new ApiClient(registry.admin);
      const first = (await api.put(BOT)).json.token as string;
      const expiration = new Date(now + 60_000).toISOString();
      const short = await api.post(`${BOT}/tokens`, { title: "for an hour", expiration });
      assert.equal(short.status, 201);
      const second = (await api.post(`${BOT}/tokens`, { title: "next" })).json;
      const passes = async (secret: string): Promise<boolean> =>
        (await registry.client(basic("team+deploy", secret)).get("/v2/")).status === 200;
      for (const secret of [first, short.json.token, second.token]) {
        assert.equal(await passes(secret), true);
      }
      assert.equal(
        (await api.get(BOT)).json.token,
        second.token,
        "the newest that does not expire",
      );

      // Writing the last use waits for no login.
      await registry.restart();
      api = new ApiClient(registry.admin);
      const { tokens } = (await api.get(`${BOT}/tokens`)).json;
      assert.deepEqual(
        tokens.map((one: { title: string; last_used_from: string }) => [
          one.title,
          one.last_used_from,
        ]),
        [
          ["", "127.0.0.1"],
          ["for an hour", "127.0.0.1"],
          ["next", "127.0.0.1"],
        ],
      );
      assert.notEqual((await api.get(BOT)).json.last_accessed, null);

      now += 60_000;
      assert.equal(await passes(short.json.token), false);
      assert.equal((await api.delete(`${BOT}/tokens/${tokens[0].uuid}`)).status, 204);
      assert.equal((await api.delete(`${BOT}/tokens/${tokens[0].uuid}`)).status, 404);
      assert.equal(await passes(first), false);
      assert.equal(await passes(second.token), true);
      const last = (await api.post(`${BOT}/regenerate`)).json.token;
      assert.equal(await passes(second.token), false);
      assert.equal(await passes(last), true);
      assert.equal((await api.get(`${BOT}/tokens`)).json.tokens.length, 1);
    });
  });

  test("every change stands in the audit log, and no secret does", async () => {
    await using registry = await startTestRegistry({
      config: { accounts: { federationAudience: "https://registry.test" } },
    });
    const api = new ApiClient(registry.admin);
    const secrets: string[] = [(await api.put(BOT, { description: "deploys" })).json.token];
    await api.put(BOT, { description: "still deploys" });
    const second = (await api.post(`${BOT}/tokens`, { title: "next" })).json;
    await api.delete(`${BOT}/tokens/${second.uuid}`);
    secrets.push(second.token, (await api.post(`${BOT}/regenerate`)).json.token);
    await api.post(`${BOT}/federation`, [{ issuer: "https://ci.test", subject: "main" }]);
    await api.delete(`${BOT}/federation`);
    await api.delete(BOT);
    const apps = "/organization/team/applications";
    const app = (await api.post(apps, { name: "app" })).json;
    const place = `${apps}/${app.client_id}`;
    await api.put(place, { name: "other" });
    secrets.push(
      app.client_secret,
      (await api.post(`${place}/resetclientsecret`)).json.client_secret,
    );
    const token = (await api.post(`${place}/tokens`, { name: "one", scope: "repo:read" })).json;
    secrets.push(token.token);
    await api.delete(`${place}/tokens/${token.uuid}`);
    await api.delete(place);
    await registry.settled();
    const entries = await registry.database.read
      .selectFrom("audit_log")
      .selectAll()
      .where("namespace", "=", "team")
      .where("performer", "=", "admin")
      .orderBy("id")
      .execute();
    assert.deepEqual(
      entries.map(({ kind, performer, address }) => [kind, performer, address]),
      [
        "create_robot",
        "change_robot",
        "create_robot_token",
        "revoke_robot_token",
        "regenerate_robot_token",
        "create_robot_federation",
        "delete_robot_federation",
        "delete_robot",
        "create_application",
        "update_application",
        "reset_application_client_secret",
        "create_oauth_api_token",
        "revoke_oauth_api_token",
        "delete_application",
      ].map((kind) => [kind, "admin", "127.0.0.1"]),
    );
    const written = JSON.stringify(entries);
    for (const secret of secrets) assert.equal(written.includes(secret), false);
  });

  test("a robot that many make at once is made once", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.admin);
    const answers = await Promise.all(Array.from({ length: 5 }, () => api.put(BOT)));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 200, 200, 200, 201],
    );
    assert.equal(new Set(answers.map(({ json }) => json.token)).size, 1);
  });

  test("a page of robots has those of its namespace alone", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.admin);
    await registry.organization("teams");
    await registry.organization("team-a");
    for (const place of ["team/robots/aa", "team/robots/bb", "team/robots/zz"]) {
      await api.put(`/organization/${place}`);
    }
    for (const name of ["teams", "team-a"]) await api.put(`/organization/${name}/robots/cc`);
    const first = await api.get("/organization/team/robots?limit=2&token=false");
    const names = ({ json }: { json: { robots: { name: string }[] } }): string[] =>
      json.robots.map(({ name }) => name);
    assert.deepEqual(names(first), ["team+aa", "team+bb"]);
    assert.equal("token" in first.json.robots[0], false);
    const next = `/organization/team/robots?limit=2&next_page=${first.json.next_page}`;
    const second = await api.get(next);
    assert.deepEqual(names(second), ["team+zz"]);
    assert.equal(second.json.next_page, undefined);
    const wrong = await api.get("/organization/team/robots?next_page=abc");
    assert.equal(wrong.json.field, "next_page");
  });

  test("members of the organization see no tokens, and each user has robots of their own", async () => {
    await using registry = await startTestRegistry();
    const admin = new ApiClient(registry.admin);
    await admin.put(BOT);
    const alice = new ApiClient(await registry.user("alice"));
    assert.equal((await alice.get("/organization/team/robots")).outcome, "403 DENIED");
    await addToTeam(registry, "alice", "member");
    const seen = await alice.get("/organization/team/robots?permissions=true");
    assert.deepEqual(Object.keys(seen.json.robots[0]).toSorted(), [
      "created",
      "description",
      "expiration",
      "last_accessed",
      "name",
    ]);
    assert.equal((await alice.get(BOT)).outcome, "403 DENIED");
    assert.equal((await alice.put("/user/robots/mine")).json.name, "alice+mine");
    assert.equal((await alice.get("/user/robots")).json.robots.length, 1);
    assert.equal((await admin.get("/user/robots")).json.robots.length, 0);
    assert.equal((await alice.post("/user/robots/mine/tokens")).status, 201);
    assert.equal((await alice.get("/user/robots/mine/tokens")).json.tokens.length, 2);
    assert.equal((await alice.get("/user/robots/mine/permissions")).status, 200);
    assert.equal((await alice.post("/user/robots/mine/regenerate")).status, 200);
    assert.equal((await alice.delete("/user/robots/mine")).status, 204);
  });

  test("what is wrong is named", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.admin);
    for (const [body, field] of [
      [{ description: "x".repeat(256) }, "description"],
      [{ description: "\0" }, "description"],
      [{ expiration: "yesterday" }, "expiration"],
      [{ expiration: "2020-01-01T00:00:00Z" }, "expiration"],
      [{ unstructured_metadata: [] }, "unstructured_metadata"],
    ] as const) {
      const { status, json } = await api.put(BOT, body);
      assert.deepEqual([status, json.field], [400, field]);
    }
    assert.equal((await api.put("/organization/team/robots/Deploy")).json.field, "robot");
    assert.equal((await api.get("/organization/team/robots/nobody")).status, 404);
    await api.put(BOT);
    for (let made = 1; made < 32; made++) await api.post(`${BOT}/tokens`);
    assert.equal((await api.post(`${BOT}/tokens`)).outcome, "400 CONFLICT");
  });

  test("a registry without robots makes none and lets none in", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.admin);
    const { token } = (await api.put(BOT)).json;
    await registry.restart({ accounts: { robots: false } });
    const limited = new ApiClient(registry.admin);
    const robot = registry.client(basic("team+deploy", token));
    assert.equal((await robot.get("/v2/")).status, 401);
    assert.equal((await limited.put("/organization/team/robots/more")).outcome, "403 DENIED");
    assert.equal((await limited.delete(BOT)).status, 204);
  });

  test("after a change of the key tokens work, and cannot be shown until they are regenerated", async () => {
    await using registry = await startTestRegistry();
    const { token } = (await new ApiClient(registry.admin).put(BOT)).json;
    const { sealed } = await registry.database.read
      .selectFrom("credentials")
      .select("sealed")
      .where("kind", "=", "robot")
      .executeTakeFirstOrThrow();
    assert(sealed !== null && !sealed.includes(token));
    await registry.restart({ accounts: { secretKey: "k".repeat(32) } });
    const api = new ApiClient(registry.admin);
    assert.equal((await api.get(BOT)).json.token, null);
    assert.equal((await api.get("/organization/team/robots")).json.robots[0].token, null);
    assert.equal((await api.get(`${BOT}/tokens`)).json.tokens[0].token, null);
    assert.equal((await registry.client(basic("team+deploy", token)).get("/v2/")).status, 200);
    const next = (await api.post(`${BOT}/regenerate`)).json.token;
    assert.equal((await api.get(BOT)).json.token, next);
  });
});

async function addToTeam(
  { database }: TestRegistry,
  account: string,
  role: "admin" | "member" = "admin",
): Promise<void> {
  await database.transaction(async (trx) => {
    const { id } = await trx
      .selectFrom("accounts")
      .select("id")
      .where("name", "=", account)
      .executeTakeFirstOrThrow();
    const organization = await trx
      .selectFrom("accounts")
      .select("id")
      .where("name", "=", "team")
      .executeTakeFirstOrThrow();
    const team =
      role === "admin"
        ? await trx.selectFrom("teams").select("id").executeTakeFirstOrThrow()
        : await trx
            .insertInto("teams")
            .values({ organization_id: organization.id, name: "devs", role, description: "" })
            .returning("id")
            .executeTakeFirstOrThrow();
    await trx.insertInto("team_members").values({ team_id: team.id, account_id: id }).execute();
  });
}

function without<T extends object>(object: T, key: keyof T): Partial<T> {
  const { [key]: _dropped, ...rest } = object;
  return rest as Partial<T>; // the rest of it
}
