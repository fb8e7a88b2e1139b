import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { SignJWT, UnsecuredJWT } from "jose";
import type { JWTPayload } from "jose";
import { ApiClient } from "../../../testing/api-client.ts";
import { startTestRegistry } from "../../../testing/test-registry.ts";
import type { TestRegistry } from "../../../testing/test-registry.ts";
import { RogueProvider } from "../testing/rogue-provider.ts";
import { TestBrowser } from "../testing/test-browser.ts";
import type { PageAnswer } from "../testing/test-browser.ts";
import { TestProvider } from "../testing/test-provider.ts";

suite("sign-ins that fail", () => {
  test("an ID token must be signed, of this service, for this registry, now, and of this attempt", async () => {
    await using world = await openWorld();
    const { registry, provider } = world;
    const now = Math.floor(Date.now() / 1000);
    const wrong: Record<string, (nonce: string) => void> = {
      "no nonce": () => (provider.claims = {}),
      "the nonce of another attempt": () => (provider.claims = { nonce: "other" }),
      "for another client": (nonce) => (provider.claims = { nonce, aud: "other" }),
      "for several, without saying for whom": (nonce) =>
        (provider.claims = { nonce, aud: ["wharf", "other"] }),
      "of another issuer": (nonce) => (provider.claims = { nonce, iss: "https://evil.example" }),
      expired: (nonce) => (provider.claims = { nonce, exp: now - 60 }),
      "not yet good": (nonce) => (provider.claims = { nonce, nbf: now + 120 }),
      "without a subject": (nonce) => (provider.claims = { nonce, sub: "" }),
      unsigned: (nonce) => {
        provider.claims = { nonce };
        provider.sign = async (claims) => new UnsecuredJWT(claims).encode();
      },
      "signed with the client's secret": (nonce) => {
        provider.claims = { nonce };
        provider.sign = async (claims) => hmac(claims, "secret");
      },
      "signed by a stranger": (nonce) => {
        provider.claims = { nonce };
        provider.sign = async (claims) => {
          await using stranger = await RogueProvider.start();
          return stranger.signed(claims);
        };
      },
      "signed with a key that is not published": (nonce) => {
        provider.claims = { nonce };
        provider.sign = (claims) => provider.signed(claims, { kid: "two" });
      },
    };
    for (const [name, prepare] of Object.entries(wrong)) {
      provider.sign = undefined;
      const page = await comeBack(registry, prepare);
      assert.equal(page.status, 400, `${name}: ${page.text}`);
      assert.match(page.text, /Rogue did not vouch for you; begin again\./);
    }
    provider.sign = undefined;
    const right = await comeBack(registry, (nonce) => (provider.claims = { nonce }));
    assert.equal(right.status, 303);
    // Clocks may differ by half a minute.
    const late = await comeBack(registry, (nonce) => (provider.claims = { nonce, exp: now - 5 }));
    assert.equal(late.status, 303);
    const { read } = registry.database;
    const users = await read.selectFrom("external_logins").select("subject").execute();
    assert.deepEqual(users, [{ subject: "1" }]);
  });

  test("the answer must be to what this browser has asked, once and soon", async () => {
    let ahead = 0;
    await using world = await openWorld(() => Date.now() + ahead);
    const { registry, provider } = world;
    const browser = new TestBrowser();
    const url = await begin(registry, browser);
    const state = url.searchParams.get("state") ?? "";
    provider.claims = { nonce: url.searchParams.get("nonce") ?? "" };
    const back = (parameters: object, path = "callback"): URL => {
      const to = new URL(`${registry.url}/oauth2/rogue/${path}`);
      for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value);
      return to;
    };
    const right = { code: "x", state };
    const cookie = browser.cookies(registry.url).get("wharf_login_rogue") ?? "";
    const restore = (): unknown => browser.cookies(registry.url).set("wharf_login_rogue", cookie);
    const refused = async (from: TestBrowser, to: URL): Promise<void> => {
      const page = await from.ask("GET", to);
      assert.equal(page.status, 400, page.text);
      assert.match(page.text, /begin again/);
      assert.equal(from.cookies(registry.url).has("wharf_session"), false);
    };
    // Another browser, such as a victim's, and another state, kind or service.
    await refused(new TestBrowser(), back(right));
    await refused(browser, back({ ...right, state: "other" }));
    // That was the end of the attempt.
    await refused(browser, back(right));
    restore();
    await refused(browser, back(right, "callback/attach"));
    restore();
    await refused(browser, back({ code: "x" }));
    restore();
    await refused(browser, back({ state }));
    restore();
    await refused(browser, back({ ...right, iss: "https://evil.example" }));
    restore();
    ahead = 600_001;
    await refused(browser, back(right));
    ahead = 0;
    restore();
    const page = await browser.ask(
      "GET",
      back({ error: "access_denied", error_description: "<b>Pay here</b>", state }),
    );
    assert.equal(page.status, 400);
    assert.match(page.text, /Rogue did not vouch for you \(access_denied\); begin again\./);
    assert.ok(!page.text.includes("Pay here"));
    const none = await browser.ask("GET", `${registry.url}/oauth2/%3Cb%3E/callback?code=x&state=y`);
    assert.equal(none.status, 404);
    assert.ok(!none.text.includes("<b>"));
    restore();
    assert.equal((await browser.ask("GET", back(right))).status, 303);
  });

  test("a service that says where it is from must be this one", async () => {
    await using provider = await RogueProvider.start();
    provider.metadata = { authorization_response_iss_parameter_supported: true };
    await using registry = await startTestRegistry({
      config: { oidc: [provider.config("rogue")] },
    });
    const finish = (nonce: string): unknown => (provider.claims = { nonce });
    assert.equal((await comeBack(registry, finish)).status, 400);
    assert.equal((await comeBack(registry, finish, { iss: "https://evil.example" })).status, 400);
    assert.equal((await comeBack(registry, finish, { iss: provider.issuer })).status, 303);
  });

  test("a standards-conforming service refuses a code twice, late, or of another attempt", async () => {
    await using provider = await TestProvider.start();
    provider.user = { sub: "1", preferred_username: "alice" };
    await using registry = await startTestRegistry({
      config: { oidc: [provider.config("rogue")] },
    });
    await provider.serve(registry.url, "rogue");
    const arrive = async (browser: TestBrowser): Promise<URL> => {
      const url = await begin(registry, browser);
      return (await browser.open(url, (next) => next.origin === registry.url)).url;
    };
    const browser = new TestBrowser();
    const first = await arrive(browser);
    const cookie = browser.cookies(registry.url).get("wharf_login_rogue") ?? "";
    assert.equal((await browser.ask("GET", first)).status, 303);
    // The same again, by a browser that kept its cookie.
    browser.cookies(registry.url).set("wharf_login_rogue", cookie);
    const replay = await browser.ask("GET", first);
    assert.equal(replay.status, 400);
    assert.match(replay.text, /\(invalid_grant\)/);
    // The code of somebody else under one's own state (code injection): PKCE tells.
    const theirs = await arrive(new TestBrowser());
    const own = await arrive(browser);
    own.searchParams.set("code", theirs.searchParams.get("code") ?? "");
    assert.equal((await browser.ask("GET", own)).status, 400);
  });

  test("a service that is down is told, keeps nobody waiting, and is asked again", async () => {
    let ahead = 0;
    await using world = await openWorld(() => Date.now() + ahead);
    const { registry, provider } = world;
    const discovery = "/.well-known/openid-configuration";
    const api = new ApiClient(registry.client());
    const ask = async (): Promise<string> => {
      const { outcome } = await api.post("/externallogin/rogue", { kind: "login" });
      return outcome;
    };
    const broken: Record<string, (response: import("node:http").ServerResponse) => void> = {
      "an error": (response) => response.writeHead(500).end(),
      "a broken connection": (response) => response.destroy(),
      "no JSON": (response) => response.writeHead(200).end("<html>"),
      "another issuer": (response) =>
        response
          .writeHead(200, { "content-type": "application/json" })
          .end('{"issuer":"https://evil.example"}'),
      "too much": (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(`{"issuer":"${"x".repeat(2_000_000)}"}`);
      },
      "somewhere else": (response) =>
        response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
    };
    for (const [name, answer] of Object.entries(broken)) {
      provider.answers.set(discovery, answer);
      assert.equal(await ask(), "503 UNAVAILABLE", name);
      ahead += 5000;
    }
    assert.equal((await api.get("/externallogin")).status, 200);
    let asked = 0;
    provider.answers.set(discovery, (response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    assert.deepEqual(await Promise.all([ask(), ask(), ask()]), Array(3).fill("503 UNAVAILABLE"));
    assert.equal(await ask(), "503 UNAVAILABLE");
    assert.equal(asked, 1);
    provider.answers.delete(discovery);
    ahead += 5000;
    assert.equal(await ask(), "200");
    // What it has told is kept, also while it is down again.
    provider.answers.set(discovery, (response) => response.destroy());
    ahead += 3_600_000;
    assert.equal(await ask(), "200");
    assert.equal(await ask(), "200");
    for (const path of ["/token", "/jwks"]) {
      provider.answers.set(path, (response) => response.destroy());
      const page = await comeBack(registry, (nonce) => (provider.claims = { nonce }));
      assert.equal(page.status, 503, path);
      assert.equal(page.headers.get("retry-after"), "10");
      provider.answers.set(path, (response) => response.writeHead(502).end());
      const bad = await comeBack(registry, (nonce) => (provider.claims = { nonce }));
      assert.equal(bad.status, 503, path);
      provider.answers.delete(path);
    }
  });

  test("user info must be of the same user", async () => {
    await using provider = await RogueProvider.start();
    provider.metadata = { userinfo_endpoint: `${provider.issuer}/me` };
    await using registry = await startTestRegistry({
      config: { oidc: [provider.config("rogue")] },
    });
    const say = (sub: string) => (response: import("node:http").ServerResponse) =>
      response.writeHead(200, { "content-type": "application/json" }).end(
        JSON.stringify({
          sub,
          preferred_username: "admin",
          email: "a@b.c",
          email_verified: true,
        }),
      );
    provider.answers.set("/me", say("2"));
    const finish = (nonce: string): unknown => (provider.claims = { nonce });
    assert.equal((await comeBack(registry, finish)).status, 400);
    provider.answers.set("/me", say("1"));
    assert.equal((await comeBack(registry, finish)).status, 303);
    const { read } = registry.database;
    const [login] = await read.selectFrom("external_logins").select(["name", "email"]).execute();
    // What the ID token says counts more.
    assert.deepEqual(login, { name: "mallory", email: "a@b.c" });
  });

  test("attaching needs a session, and sign-ins begin on pages of the registry", async () => {
    await using world = await openWorld();
    const { registry } = world;
    const alice = new ApiClient(await registry.user("alice"));
    const path = "/externallogin/rogue";
    assert.equal((await alice.post(path, { kind: "attach" })).outcome, "403 DENIED");
    const anonymous = new ApiClient(registry.client());
    assert.equal((await anonymous.post(path, { kind: "attach" })).outcome, "401 UNAUTHORIZED");
    assert.equal((await anonymous.post(path, { kind: "cli" })).outcome, "401 UNAUTHORIZED");
    assert.equal((await anonymous.post(path, { kind: "other" })).outcome, "400 PARAMETER_INVALID");
    for (const page of ["https://evil.example", "//evil.example", "/\\evil.example", "/a b", "x"]) {
      const body = { kind: "login", return_to: page };
      assert.equal((await anonymous.post(path, body)).outcome, "400 PARAMETER_INVALID", page);
    }
    const foreign = { "sec-fetch-site": "cross-site" };
    const { outcome } = await anonymous.ask("POST", path, { kind: "login" }, foreign);
    assert.equal(outcome, "403 ORIGIN_INVALID");
    assert.equal(
      (await anonymous.post("/externallogin/no", { kind: "login" })).outcome,
      "404 NOT_FOUND",
    );
  });
});

interface World extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly provider: RogueProvider;
}

async function openWorld(now?: () => number): Promise<World> {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(await RogueProvider.start());
  const registry = stack.use(
    await startTestRegistry({
      config: { oidc: [provider.config("rogue")] },
      ...(now === undefined ? {} : { now }),
    }),
  );
  return { registry, provider, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function begin(registry: TestRegistry, browser: TestBrowser): Promise<URL> {
  browser.cookies(registry.url).delete("wharf_session");
  const url = `${registry.url}/api/v1/externallogin/rogue`;
  const { status, text } = await browser.ask("POST", url, { body: { kind: "login" } });
  assert.equal(status, 200, text);
  return new URL((JSON.parse(text) as { auth_url: string }).auth_url); // as the contract says
}

/** Begins with a new browser, and comes back at once with a code. @param prepare gets the nonce of the attempt */
async function comeBack(
  registry: TestRegistry,
  prepare: (nonce: string) => unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<PageAnswer> {
  const browser = new TestBrowser();
  const { searchParams } = await begin(registry, browser);
  prepare(searchParams.get("nonce") ?? "");
  const url = new URL(`${registry.url}/oauth2/rogue/callback`);
  const parameters = { code: "x", state: searchParams.get("state") ?? "", ...more };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return browser.ask("GET", url);
}

async function hmac(claims: JWTPayload, secret: string): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .sign(Buffer.from(secret.padEnd(32, "x")));
}
