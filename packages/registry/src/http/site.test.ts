import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogFields } from "../log.ts";
import { SILENT_LOGGER } from "../log.ts";
import { everyRegistry, startTestRegistry } from "../testing/test-registry.ts";

everyRegistry((start) => {
  test("health and readiness are for everybody, by GET and HEAD", async () => {
    await using registry = await start();
    const anybody = registry.client();
    assert.deepEqual((await anybody.get("/healthz")).json, { status: "ok" });
    assert.deepEqual((await anybody.get("/readyz")).json, {
      status: "ok",
      checks: { database: "ok", storage: "ok" },
    });
    assert.equal((await anybody.head("/healthz")).status, 200);
    const wrong = await anybody.post("/healthz");
    assert.equal(wrong.outcome, "405 UNSUPPORTED");
    assert.equal(wrong.headers["allow"], "GET, HEAD");
  });

  test("search finds what the caller may see, and no more than was asked for", async () => {
    await using registry = await start();
    await registry.push("team/application", Buffer.from("x"));
    await registry.push("team/other", Buffer.from("x"));
    await registry.push("admin/app_1", Buffer.from("x"));
    await registry.change("team/application", {
      visibility: "public",
      description: "An <b>app</b>",
    });
    const names = async (path: string, client = registry.admin): Promise<unknown> => {
      const { status, json } = await client.get(path);
      assert.equal(status, 200);
      assert.equal(json["num_results"], json["results"]?.["length"]);
      return Object.values(json["results"] ?? {}).map((result) => result?.["name"]);
    };
    assert.deepEqual(await names("/v1/search?q=APP"), ["admin/app_1", "team/application"]);
    assert.deepEqual(await names("/v1/search?q=p_1"), ["admin/app_1"]);
    assert.deepEqual(await names("/v1/search?q=%25"), []);
    assert.deepEqual(await names("/v1/search?q=%00"), []);
    assert.deepEqual(await names("/v1/search?q=%F0%9F%92%A9%ff"), []);
    assert.deepEqual(await names("/v1/search?n=1"), ["admin/app_1"]);
    assert.deepEqual(await names("/v1/search?q=", registry.client()), ["team/application"]);
    const found = await registry.client().get("/v1/search?q=app");
    assert.equal(found.json["results"]?.["0"]?.["description"], "An <b>app</b>");
    assert.equal(found.headers["content-type"], "application/json");
    for (const n of ["-1", "x", "1e3", "99999999999"]) {
      const wrong = await registry.admin.get(`/v1/search?n=${n}`);
      assert.equal(wrong.outcome, "400 PAGINATION_NUMBER_INVALID");
      assert.deepEqual(wrong.detail, { parameter: "n" });
    }
    assert.equal((await registry.client().get("/v1/_ping")).body.toString(), "true");
  });
});

test("metrics are for this machine and superusers", async () => {
  await using registry = await startTestRegistry({
    config: { server: { trustedProxies: ["127.0.0.1"] } },
  });
  const anybody = registry.client();
  assert.match((await anybody.get("/metrics")).body.toString(), /^# HELP /m);
  for (const headers of [
    { "x-forwarded-for": "203.0.113.9" },
    { "x-forwarded-for": "127.0.0.1" },
    { forwarded: "for=x" },
  ]) {
    const refused = await anybody.get("/metrics", { headers });
    assert.equal(refused.outcome, "401 UNAUTHORIZED");
    assert.match(refused.headers["www-authenticate"] ?? "", /^Basic realm=/);
    const user = await registry.user(
      `user${Object.values(headers)[0]?.length}${Object.keys(headers)[0]?.length}`,
    );
    assert.equal((await user.get("/metrics", { headers })).outcome, "403 DENIED");
    assert.equal((await registry.admin.get("/metrics", { headers })).status, 200);
  }
});

test("what is no page is told so, as JSON", async () => {
  await using registry = await startTestRegistry();
  for (const [method, path, status, type] of [
    ["GET", "/nothing", 404],
    ["GET", "/v3/", 404],
    ["GET", "/v2x", 404],
    ["GET", "//", 404],
    ["GET", "/%zz", 404],
    ["GET", "/healthz%ff", 404],
    ["GET", "/__proto__", 404],
    ["POST", "/nothing", 404, "application/json"],
    ["POST", "/nothing", 404, "text/xml"],
    ["PUT", "/metrics", 405],
    ["TRACE", "/healthz", 405],
    ["OPTIONS", "*", 404],
  ] as const) {
    const headers = type === undefined ? {} : { "content-type": type };
    const body = method === "POST" ? "{broken" : undefined;
    const answer = await registry.admin.ask(method, path, { headers, ...(body && { body }) });
    assert.equal(answer.outcome, `${status} UNSUPPORTED`, `${method} ${path}`);
    assert.match(answer.headers["content-type"] ?? "", /^application\/json\b/);
    assert.ok(answer.headers["x-request-id"] !== undefined);
  }
});

test("a fault behind a page is logged with its request, and its text is told to nobody", async () => {
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const log = {
    ...SILENT_LOGGER,
    error: (message: string, fields?: LogFields) => void logged.push({ message, fields }),
  };
  await using registry = await startTestRegistry({ log });
  await registry.admin.get("/v1/search");
  await registry.database.transaction(async (trx) => {
    await trx.schema.alterTable("repositories").renameTo("gone").execute();
  });
  const answer = await registry.client().get("/v1/search", { headers: { "x-request-id": "abc" } });
  assert.equal(answer.outcome, "500 UNKNOWN");
  assert.doesNotMatch(answer.body.toString(), /repositories/);
  const { message, fields } = logged[0] ?? {};
  assert.equal(message, "a request failed");
  assert.equal(fields?.["request"], "abc");
  assert.match(String(fields?.["error"]), /repositories/);
});
