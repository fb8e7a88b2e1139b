import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { suite, test } from "node:test";
import { decodeJwt } from "jose";
import { everyDatabase } from "../database/testing/every-database.ts";
import { Exchange } from "../http/exchange.ts";
import { RegistryError } from "../http/registry-error.ts";
import { createApplicationToken } from "./admin/access-secrets.ts";
import { OPERATOR } from "./admin/actor.ts";
import { createRobot, regenerateRobotToken } from "./admin/robots.ts";
import { setEnabled, setPassword } from "./admin/users.ts";
import {
  addOrganization,
  addRepository,
  addUser,
  basic,
  callerWith,
  PASSWORD,
  testAccounts,
} from "./testing/test-accounts.ts";
import type { TestAccounts } from "./testing/test-accounts.ts";

/** Serves `/v2/auth` alone. */
async function serve({ accounts }: TestAccounts) {
  const server = createServer((request, response) => {
    const facts = { id: "test", address: "192.0.2.1", origin: "https://registry.test" };
    const exchange = new Exchange(request, response, facts);
    accounts.handleToken(exchange).catch((error: unknown) => {
      exchange.fail(
        error instanceof RegistryError ? error : new RegistryError("UNKNOWN", String(error)),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert(address !== null && typeof address === "object");
  const url = `http://127.0.0.1:${address.port}/v2/auth`;
  return {
    async get(query: string, authorization?: string) {
      const headers = authorization === undefined ? {} : { authorization };
      return answer(await fetch(`${url}${query}`, { headers }));
    },
    async post(form: Record<string, string> | string, type?: string) {
      const headers = { "Content-Type": type ?? "application/x-www-form-urlencoded" };
      const body = typeof form === "string" ? form : new URLSearchParams(form).toString();
      return answer(await fetch(url, { method: "POST", body, headers }));
    },
    async method(method: string) {
      return answer(await fetch(url, { method }));
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function answer(response: Response) {
  const text = await response.text();
  const body: unknown = text === "" ? {} : JSON.parse(text);
  assert(typeof body === "object" && body !== null);
  return { status: response.status, headers: response.headers, body: body as Answer };
}

/** Every member is of an answer of the token service, or of an error. */
interface Answer {
  readonly token?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly expires_in?: number;
  readonly issued_at?: string;
  readonly scope?: string;
  readonly errors?: readonly { readonly code: string; readonly detail?: unknown }[];
}

suite("the token service", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    async function setUp(database: Awaited<ReturnType<typeof openTestDatabase>>) {
      const all = testAccounts(database);
      const alice = await addUser(all, "alice");
      const bob = await addUser(all, "bob");
      await addOrganization(all, "team", "alice");
      await addRepository(all, alice, "team/secret");
      await addRepository(all, alice, "team/open", "public");
      return { all, alice, bob };
    }

    test("grants what is allowed of what is asked for, and the token opens just that", async () => {
      await using database = await openTestDatabase();
      const { all } = await setUp(database);
      await using service = await serve(all);
      const query =
        "?service=registry.test&account=bob&client_id=docker" +
        "&scope=repository:team/open:pull,push&scope=repository:team/secret:pull" +
        "&scope=repository:bob/new:pull,push%20registry:catalog:*&scope=repository:nowhere/x:push";
      const { status, body, headers } = await service.get(query, basic("bob", PASSWORD));
      assert.equal(status, 200);
      assert.equal(headers.get("cache-control"), "no-store");
      assert.equal(body.token, body.access_token);
      assert.equal(body.expires_in, 300);
      assert.equal(body.issued_at, new Date(all.clock.now).toISOString());
      assert.equal(body.refresh_token, undefined);
      assert.equal(
        body.scope,
        "repository:team/open:pull repository:bob/new:pull,push registry:catalog:*",
      );
      const claims = decodeJwt(body.token ?? "");
      assert.equal(claims.aud, "registry.test");
      assert.equal(claims.sub, "bob");

      const bearer = callerWith(`Bearer ${body.token}`);
      const principal = await all.accounts.authenticate(bearer);
      assert(principal.kind === "token" && principal.catalog);
      const open = (action: "pull" | "push", name: string) =>
        all.accounts.openRepository(bearer, principal, action, name);
      assert.equal((await open("pull", "team/open")).name, "team/open");
      await assert.rejects(open("push", "team/open"), { status: 401 });
      await assert.rejects(open("pull", "team/secret"), { status: 401 });
      assert.equal((await open("push", "bob/new")).visibility, "private");
      await assert.rejects(open("push", "nowhere/x"), { code: "NAME_UNKNOWN" });
    });

    test("gives anybody the pull of public repositories, and no more", async () => {
      await using database = await openTestDatabase();
      const { all } = await setUp(database);
      await using service = await serve(all);
      const query =
        "?scope=repository:team/open:*&scope=repository:team/secret:*&service=evil.test";
      const { status, body } = await service.get(query);
      assert.equal(status, 200);
      assert.equal(body.scope, "repository:team/open:pull");
      const claims = decodeJwt(body.token ?? "");
      assert.equal(claims.aud, "registry.test", "the client does not choose the audience");

      const closed = testAccounts(database, { accounts: { anonymousAccess: false } });
      await using other = await serve(closed);
      assert.equal((await other.get(`${query}&scope=registry:catalog:*`)).body.scope, "");
    });

    test("refuses wrong credentials and malformed scopes", async () => {
      await using database = await openTestDatabase();
      const { all } = await setUp(database);
      await using service = await serve(all);
      const wrong = await service.get("?scope=repository:team/open:pull", basic("bob", "wrong"));
      assert.equal(wrong.status, 401);
      assert.equal(wrong.body.errors?.[0]?.code, "UNAUTHORIZED");
      assert.equal(
        wrong.headers.get("www-authenticate"),
        'Basic realm="registry.test",charset="UTF-8"',
      );
      const malformed = await service.get("?scope=repository:team/open");
      assert.equal(malformed.status, 400);
      assert.match(JSON.stringify(malformed.body), /repository:team\/open/);
      const { body } = await service.get("");
      const bearer = await service.get("", `Bearer ${body.token}`);
      assert.equal(bearer.status, 401, "a token gets no other token");
    });

    test("speaks OAuth2 by POST", async () => {
      await using database = await openTestDatabase();
      const { all } = await setUp(database);
      await using service = await serve(all);
      const common = { service: "registry.test", client_id: "containerd" };
      const password = { grant_type: "password", username: "alice", password: PASSWORD, ...common };
      const online = await service.post({ ...password, scope: "repository:team/secret:pull" });
      assert.equal(online.body.scope, "repository:team/secret:pull");
      assert.equal(online.body.refresh_token, undefined);
      const offline = await service.post({ ...password, access_type: "offline" });
      const { refresh_token: refreshToken = "" } = offline.body;
      const refresh = { grant_type: "refresh_token", refresh_token: refreshToken, ...common };
      const scope = "repository:team/secret:pull,push repository:bob/x:pull";
      const refreshed = await service.post({ ...refresh, scope });
      assert.equal(refreshed.status, 200);
      assert.equal(refreshed.body.scope, "repository:team/secret:pull,push");
      assert.equal(refreshed.body.refresh_token, refreshToken, "the same one");

      assert.equal((await service.post({ ...password, password: "wrong" })).status, 401);
      assert.equal((await service.post({ ...refresh, refresh_token: "x" })).status, 401);
      for (const form of [
        { ...password, grant_type: "authorization_code" },
        { grant_type: "password", username: "alice" },
        { grant_type: "refresh_token" },
        {},
      ]) {
        assert.equal((await service.post(form as Record<string, string>)).status, 400);
      }
      assert.equal((await service.post(JSON.stringify(password), "application/json")).status, 415);
      assert.equal((await service.post("a".repeat(70_000))).status, 413);
      const other = await service.method("DELETE");
      assert.equal(other.status, 405);
      assert.equal(other.headers.get("allow"), "GET, HEAD, POST");
    });

    test("refresh tokens die with the password, the secret and the account", async () => {
      await using database = await openTestDatabase();
      const { all, alice } = await setUp(database);
      const { administration } = all;
      await using service = await serve(all);
      const offline = async (user: string, secret: string): Promise<string> => {
        const { body } = await service.get("?offline_token=true", basic(user, secret));
        assert(body.refresh_token !== undefined);
        return body.refresh_token;
      };
      const redeem = async (token: string): Promise<number> =>
        (await service.post({ grant_type: "refresh_token", refresh_token: token })).status;

      const robot = { namespace: "team", short: "ci" };
      const made = await createRobot(administration, OPERATOR, robot);
      const app = await createApplicationToken(administration, alice, "alice", { title: "" });
      const byPassword = await offline("alice", PASSWORD);
      const byRobot = await offline(made.name, made.token);
      const byApp = await offline("$app", app.secret);
      for (const token of [byPassword, byRobot, byApp]) assert.equal(await redeem(token), 200);

      await regenerateRobotToken(administration, OPERATOR, robot);
      assert.equal(await redeem(byRobot), 401);
      await setPassword(administration, OPERATOR, "alice", "another one");
      assert.equal(await redeem(byPassword), 401);
      assert.equal(await redeem(byApp), 200);
      await setEnabled(administration, OPERATOR, "alice", false);
      assert.equal(await redeem(byApp), 401);

      const { body } = await service.get("?offline_token=true");
      assert.equal(body.refresh_token, undefined, "nothing to refresh for anybody");
    });
  });
});
