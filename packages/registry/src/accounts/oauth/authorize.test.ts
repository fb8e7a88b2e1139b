// Long because it is one story: an application, a browser, and all that can be done to both.
import assert from "node:assert/strict";
import { hash, randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { textIn } from "../../testing/http-client.ts";
import type { Answer, HttpClient } from "../../testing/http-client.ts";
import { basic, everyRegistry, startTestRegistry } from "../../testing/test-registry.ts";
import type { StartTestRegistry, TestRegistry } from "../../testing/test-registry.ts";
import { OPERATOR } from "../admin/actor.ts";
import { createUser } from "../admin/users.ts";

const CALLBACK = "https://builder.test/callback?tenant=1";
const PASSWORD = "correct horse";

type Fields = Readonly<Record<string, string>>;

/** A registry with an application, and `alice`, who is a member of its organization and has a password. */
interface World extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly browser: Browser;
  /** What the application sends the browser with. */
  readonly fields: Fields;
}

async function makeWorld(
  start: StartTestRegistry,
  options: Parameters<StartTestRegistry>[0] = {},
): Promise<World> {
  const registry = await start(options);
  const api = new ApiClient(registry.admin);
  const application = { name: "Builder & <b>sons</b>", redirect_uri: CALLBACK };
  const { json } = await api.post("/organization/team/applications", application);
  const clientId: string = json.client_id;
  await createUser(registry.administration, OPERATOR, { name: "alice", password: PASSWORD });
  await api.put("/organization/team/team/devs", { role: "member" });
  await api.put("/organization/team/team/devs/members/alice");
  return {
    registry,
    clientId,
    clientSecret: json.client_secret,
    browser: new Browser(registry),
    fields: {
      client_id: clientId,
      redirect_uri: CALLBACK,
      response_type: "code",
      scope: "repo:read user:read",
      state: "a&b=<c>",
    },
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

/** What a browser does of itself: cookies, `Origin`, forms. */
class Browser {
  readonly #client: HttpClient;
  readonly #origin: string;
  #cookie: string | undefined;

  constructor(registry: TestRegistry) {
    this.#client = registry.client();
    this.#origin = registry.url;
  }

  get cookie(): string | undefined {
    return this.#cookie;
  }

  async open(path: string, fields: Fields = {}): Promise<Answer> {
    const query = new URLSearchParams(fields).toString();
    return this.#keep(
      await this.#client.get(query === "" ? path : `${path}?${query}`, {
        headers: this.#headers(),
      }),
    );
  }

  async post(path: string, fields: Fields, headers: Fields = {}): Promise<Answer> {
    const body = new URLSearchParams(fields).toString();
    return this.#keep(
      await this.#client.post(path, body, {
        headers: {
          ...this.#headers(),
          "content-type": "application/x-www-form-urlencoded",
          origin: this.#origin,
          "sec-fetch-site": "same-origin",
          ...headers,
        },
      }),
    );
  }

  /** Sends a form of a page. @param name of its path */
  async submit(page: Answer, path: string, filled: Fields = {}): Promise<Answer> {
    return this.post(path, { ...formOf(page, path), ...filled });
  }

  async signIn(fields: Fields): Promise<Answer> {
    const page = await this.open("/oauth/authorize", fields);
    const filled = { username: "alice", password: PASSWORD };
    const answer = await this.submit(page, "/oauth/authorize", filled);
    return this.open(String(answer.headers.location));
  }

  #headers(): Record<string, string> {
    return { accept: "text/html", ...(this.#cookie === undefined ? {} : { cookie: this.#cookie }) };
  }

  #keep(answer: Answer): Answer {
    const [set] = answer.headers["set-cookie"] ?? [];
    if (set !== undefined) this.#cookie = set.split(";", 1)[0];
    return answer;
  }
}

/** The hidden fields of the form that goes to a path. */
function formOf({ body }: Answer, path: string): Fields {
  const html = body.toString();
  const start = html.indexOf(`action="${path}"`);
  assert(start >= 0, `there is no form for ${path} in ${html}`);
  const form = html.slice(start, html.indexOf("</form>", start));
  const fields: Record<string, string> = {};
  for (const [, name = "", value = ""] of form.matchAll(
    /<input type="hidden" name="([^"]*)" value="([^"]*)">/g,
  )) {
    fields[name] = unescape(value);
  }
  return fields;
}

function unescape(text: string): string {
  const characters: Fields = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => characters[name] ?? "");
}

function locationOf({ headers }: Answer): URL {
  return new URL(String(headers.location));
}

function tokenOf({ registry }: World, fields: Fields, authorization?: string): Promise<Answer> {
  return registry
    .client(authorization)
    .post(
      "/oauth/access_token",
      new URLSearchParams({ grant_type: "authorization_code", ...fields }).toString(),
      { headers: { "content-type": "application/x-www-form-urlencoded" } },
    );
}

suite("the authorization of OAuth applications", () => {
  everyRegistry((start) => {
    test("leads from a sign-in over a consent and a code to a token", async () => {
      let now = Date.now();
      await using world = await makeWorld(start, { now: () => now });
      const { browser, registry, clientId, clientSecret } = world;
      const verifier = randomBytes(32).toString("base64url");
      const fields = {
        ...world.fields,
        code_challenge: hash("sha256", verifier, "base64url"),
        code_challenge_method: "S256",
        repositories: "team/app team/other",
      };
      const page = await browser.open("/oauth/authorize", fields);
      assert.equal(page.status, 401);
      const wrong = await browser.submit(page, "/oauth/authorize", {
        username: '"><script>',
        password: "wrong",
      });
      assert.equal(wrong.status, 403);
      assert(!wrong.body.includes("<script"));
      assert.equal(browser.cookie, undefined);
      const consent = await browser.signIn(fields);
      assert.equal(consent.status, 200);
      const html = consent.body.toString();
      assert(!html.includes("<b>") && !html.includes("<script") && html.includes("&lt;b&gt;sons"));
      assert(html.includes("team/other"));
      const policy = String(consent.headers["content-security-policy"]);
      assert.match(
        policy,
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' https:\/\/builder\.test; frame-ancestors 'none'; base-uri 'none'$/,
      );
      assert.equal(consent.headers["x-frame-options"], "DENY");
      assert.equal(consent.headers["cache-control"], "no-store");

      const allowed = await browser.submit(consent, "/oauth/authorizeapp");
      assert.equal(allowed.status, 303);
      const back = locationOf(allowed);
      assert.equal(`${back.origin}${back.pathname}`, "https://builder.test/callback");
      assert.equal(back.searchParams.get("tenant"), "1");
      assert.equal(back.searchParams.get("state"), "a&b=<c>");
      const code = back.searchParams.get("code") ?? "";
      const claim = { code, redirect_uri: CALLBACK, code_verifier: verifier };
      const client = basic(clientId, clientSecret);

      const refused = async (changes: Fields, authorization = client): Promise<unknown> => {
        const { status, json } = await tokenOf(world, { ...claim, ...changes }, authorization);
        return `${status} ${textIn(json["error"])}`;
      };
      assert.equal(await refused({ code_verifier: verifier.toUpperCase() }), "400 invalid_grant");
      assert.equal(await refused({ code_verifier: "" }), "400 invalid_grant");
      assert.equal(await refused({ redirect_uri: "https://builder.test/" }), "400 invalid_grant");
      assert.equal(await refused({ redirect_uri: "" }), "400 invalid_grant");
      assert.equal(await refused({ code: "wrong" }), "400 invalid_grant");
      assert.equal(await refused({ code: "" }), "400 invalid_request");
      assert.equal(await refused({ grant_type: "password" }), "400 unsupported_grant_type");
      assert.equal(await refused({}, basic(clientId, "wrong")), "401 invalid_client");
      assert.equal(await refused({ client_id: "other" }), "401 invalid_client");
      const other = (
        await new ApiClient(registry.admin).post("/organization/team/applications", { name: "b" })
      ).json;
      const thief = basic(other.client_id, other.client_secret);
      assert.equal(await refused({}, thief), "400 invalid_grant");

      const answer = await tokenOf(world, claim, client);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["cache-control"], "no-store");
      const token = textIn(answer.json["access_token"]);
      assert.deepEqual(
        { ...answer.json, access_token: "" },
        {
          access_token: "",
          token_type: "Bearer",
          expires_in: 365 * 86_400,
          refresh_token: null,
          scope: "repo:read user:read",
        },
      );
      const alice = new ApiClient(registry.client(`Bearer ${token}`));
      assert.equal((await alice.get("/user")).json.username, "alice");
      const admin = new ApiClient(registry.admin);
      const listed = await admin.get(`/organization/team/applications/${clientId}/tokens`);
      assert.deepEqual(listed.json.tokens[0].repositories, ["team/app", "team/other"]);
      assert.equal(listed.json.tokens[0].created_by, "alice");

      // A code that comes again was stolen: what was made of it is worth nothing any more.
      assert.equal(await refused({}), "400 invalid_grant");
      assert.equal((await alice.get("/user")).status, 401);
      const late = locationOf(
        await browser.submit(await browser.open("/oauth/authorize", fields), "/oauth/authorizeapp"),
      );
      now += 600_000;
      const expired = { code: late.searchParams.get("code") ?? "" };
      assert.equal(await refused(expired), "400 invalid_grant");
    });

    test("gives a token at once where that is asked for, or shows it", async () => {
      await using world = await makeWorld(start);
      const { browser, registry, fields } = world;
      const asked = { ...fields, response_type: "token" };
      const consent = await browser.signIn(asked);
      const back = locationOf(await browser.submit(consent, "/oauth/authorizeapp"));
      assert.equal(back.search, "?tenant=1", "nothing that a server would be told");
      const answer = new URLSearchParams(back.hash.slice(1));
      assert.equal(answer.get("state"), "a&b=<c>");
      assert.equal(answer.get("token_type"), "Bearer");
      const api = new ApiClient(registry.client(`Bearer ${answer.get("access_token")}`));
      assert.equal((await api.get("/user")).json.username, "alice");

      const local = { ...asked, redirect_uri: `${registry.url}/oauth/localapp` };
      const page = await browser.open("/oauth/authorize", local);
      const shown = await browser.submit(page, "/oauth/authorizeapp");
      assert.equal(shown.status, 200);
      const [token] = /wharf_[0-9a-z]{40}/.exec(shown.body.toString()) ?? [];
      assert.equal((await registry.client(`Bearer ${token}`).get("/v2/")).status, 200);
      // A program reads it from the redirect, as from Quay.
      const form = formOf(page, "/oauth/authorizeapp");
      const read = await browser.post("/oauth/authorizeapp", form, { accept: "*/*" });
      assert.match(String(read.headers.location), /\/oauth\/localapp#access_token=wharf_/);
      const json = await browser.post("/oauth/authorizeapp", { ...form, format: "json" });
      assert.match(textIn(json.json["access_token"]), /^wharf_/);

      const denied = await browser.submit(
        await browser.open("/oauth/authorize", asked),
        "/oauth/denyapp",
      );
      assert.equal(
        new URLSearchParams(locationOf(denied).hash.slice(1)).get("error"),
        "access_denied",
      );
      const deniedCode = await browser.submit(
        await browser.open("/oauth/authorize", fields),
        "/oauth/denyapp",
      );
      assert.equal(locationOf(deniedCode).searchParams.get("error"), "access_denied");
      assert.equal((await browser.submit(page, "/oauth/denyapp")).status, 200);
    });

    test("an administrator prepares a token, and its user accepts it once", async () => {
      await using world = await makeWorld(start);
      const { browser, registry, clientId } = world;
      await createUser(registry.administration, OPERATOR, { name: "bob", password: PASSWORD });
      const bob = new ApiClient(registry.client(basic("bob", PASSWORD)));
      const wish = {
        client_id: clientId,
        redirect_uri: CALLBACK,
        response_type: "token",
        scope: "repo:read",
        username: "bob",
        format: "json",
      };
      const assign = async (client: HttpClient, changes: Fields = {}): Promise<Answer> =>
        client.post(
          `/oauth/authorize/assignuser?${new URLSearchParams({ ...wish, ...changes }).toString()}`,
        );
      const done = await assign(registry.admin);
      assert.deepEqual([done.status, done.json], [200, { message: "Token assigned successfully" }]);
      await assign(registry.admin);
      const waiting = (await bob.get("/user/assignedauthorization")).json.authorizations;
      assert.equal(waiting.length, 2);
      const { uuid, scopes, redirectUri, responseType, application } = waiting[0];
      assert.deepEqual(
        [scopes[0].scope, redirectUri, responseType, application.clientId],
        ["repo:read", CALLBACK, "token", clientId],
      );
      const bell = (await bob.get("/user/notifications")).json.notifications;
      assert.equal(bell[0].kind, "assigned_authorization");

      for (const [client, changes, outcome] of [
        [registry.client(), {}, "401 UNAUTHORIZED"],
        [registry.client(basic("bob", PASSWORD)), {}, "403 DENIED"],
        [registry.admin, { username: "nobody" }, "404 PARAMETER_INVALID"],
        [registry.admin, { client_id: "nothing" }, "404 NOT_FOUND"],
        [registry.admin, { redirect_uri: "https://evil.test" }, "400 PARAMETER_INVALID"],
        [registry.admin, { scope: "all" }, "400 PARAMETER_INVALID"],
        [registry.admin, { scope: "" }, "400 PARAMETER_INVALID"],
      ] as const) {
        assert.equal((await assign(client, changes)).outcome, outcome);
      }

      // bob is no member: he is asked by nobody but whom the administrator has named, for nothing else.
      const fields = { ...world.fields, response_type: "token", scope: "repo:read" };
      const signedIn = await browser.open("/oauth/authorize", fields);
      await browser.submit(signedIn, "/oauth/authorize", { username: "bob", password: PASSWORD });
      assert.equal((await browser.open("/oauth/authorize", fields)).status, 403);
      const accepted = { ...fields, assignment_uuid: uuid };
      const more = { ...accepted, scope: "repo:read user:admin" };
      assert.equal((await browser.open("/oauth/authorize", more)).status, 403);
      const consent = await browser.open("/oauth/authorize", accepted);
      assert.equal(consent.status, 200);
      const answers = await Promise.all(
        [1, 2, 3].map(() => browser.submit(consent, "/oauth/authorizeapp")),
      );
      assert.deepEqual(answers.map(({ status }) => String(status)).toSorted(), [
        "303",
        "403",
        "403",
      ]);
      const left = (await bob.get("/user/assignedauthorization")).json.authorizations;
      assert.deepEqual(left.length, 1);
      assert.equal((await bob.delete(`/user/assignedauthorization/${left[0].uuid}`)).status, 204);
      assert.equal((await bob.delete(`/user/assignedauthorization/${left[0].uuid}`)).status, 404);
      assert.equal((await bob.get("/user/authorizations")).json.authorizations.length, 1);
      assert.deepEqual((await bob.get("/user/notifications")).json.notifications, []);
    });
  });

  test("nobody is sent anywhere but to what the application has registered", async () => {
    await using world = await makeWorld(startTestRegistry);
    const { browser, fields, registry } = world;
    await browser.signIn(fields);
    for (const redirect_uri of [
      "",
      "https://evil.test/callback?tenant=1",
      "https://builder.test/callback",
      "https://builder.test/callback?tenant=1&more",
      "https://builder.test/callback?tenant=1#",
      "https://builder.test/callback/../evil?tenant=1",
      "https://builder.test@evil.test/callback?tenant=1",
      "HTTPS://builder.test/callback?tenant=1",
      "javascript:alert(1)",
      "//evil.test",
      `${registry.url}/oauth/localapp?x`,
      `http://evil.test/oauth/localapp`,
    ]) {
      for (const wrong of [{}, { scope: "nonsense" }, { response_type: "x" }]) {
        const answer = await browser.open("/oauth/authorize", {
          ...fields,
          ...wrong,
          redirect_uri,
        });
        assert.deepEqual([answer.status, answer.headers.location], [400, undefined], redirect_uri);
        assert(!answer.body.includes("evil.test"));
      }
    }
    for (const client_id of ["", "nothing", "'; drop table", "\0", "é"]) {
      const answer = await browser.open("/oauth/authorize", { ...fields, client_id });
      assert.match(String(answer.status), /^40[04]$/);
      assert.equal(answer.headers.location, undefined);
    }
    const twice = `/oauth/authorize?${new URLSearchParams(fields).toString()}&redirect_uri=https://evil.test`;
    assert.equal((await browser.open(twice)).status, 400);
    // Whoever is not signed in is sent nowhere at all.
    const stranger = new Browser(registry);
    const lured = await stranger.open("/oauth/authorize", { ...fields, scope: "nonsense" });
    assert.deepEqual([lured.status, lured.headers.location], [400, undefined]);
  });

  test("the application is told what is wrong with its request (RFC 6749, 4.1.2.1)", async () => {
    await using world = await makeWorld(startTestRegistry);
    const { browser, fields } = world;
    const consent = await browser.signIn(fields);
    const challenge = "x".repeat(43);
    for (const [changes, error] of [
      [{ response_type: "id_token" }, "unsupported_response_type"],
      [{ scope: "" }, "invalid_scope"],
      [{ scope: "repo:read everything" }, "invalid_scope"],
      [{ code_challenge: challenge }, "invalid_request"],
      [{ code_challenge: challenge, code_challenge_method: "plain" }, "invalid_request"],
      [{ code_challenge: "short", code_challenge_method: "S256" }, "invalid_request"],
      [{ code_challenge_method: "S256" }, "invalid_request"],
      [{ repositories: "Team/App" }, "invalid_request"],
      [{ scope: "org:admin", repositories: "team/app" }, "invalid_request"],
      [{ assignment_uuid: "x" }, "invalid_request"],
    ] as const) {
      const back = locationOf(await browser.open("/oauth/authorize", { ...fields, ...changes }));
      assert.equal(back.origin, "https://builder.test");
      const { searchParams } = back;
      assert.deepEqual(
        [searchParams.get("error"), searchParams.get("state"), searchParams.get("tenant")],
        [error, "a&b=<c>", "1"],
        JSON.stringify(changes),
      );
      assert.match(searchParams.get("error_description") ?? "", /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
      // The consent is no way around it.
      const form = { ...formOf(consent, "/oauth/authorizeapp"), ...changes };
      assert.equal(
        locationOf(await browser.post("/oauth/authorizeapp", form)).searchParams.get("error"),
        error,
      );
    }
    const long = { ...fields, state: "s".repeat(5000) };
    const back = locationOf(await browser.open("/oauth/authorize", long));
    assert.deepEqual(
      [back.searchParams.get("error"), back.searchParams.get("state")],
      ["invalid_request", null],
    );
    const superuser = await browser.open("/oauth/authorize", { ...fields, scope: "super:user" });
    assert.equal(superuser.status, 403);
  });

  test("a consent is given by its user on our page alone", async () => {
    await using world = await makeWorld(startTestRegistry);
    const { browser, fields, registry } = world;
    const page = await browser.open("/oauth/authorize", fields);
    const filled = { ...formOf(page, "/oauth/authorize"), username: "alice", password: PASSWORD };
    for (const headers of [
      { origin: "https://evil.test", "sec-fetch-site": "cross-site" },
      { origin: "null", "sec-fetch-site": "cross-site" },
      { origin: "https://evil.test" },
    ]) {
      const forged = await browser.post("/oauth/authorize", filled, headers);
      assert.equal(forged.outcome, "403 ORIGIN_INVALID");
    }
    const consent = await browser.signIn(fields);
    const form = formOf(consent, "/oauth/authorizeapp");
    for (const path of ["/oauth/authorizeapp", "/oauth/denyapp", "/oauth/authorize/assignuser"]) {
      for (const token of ["", "wrong", "x".repeat(43)]) {
        const forged = await browser.post(path, { ...form, _csrf_token: token });
        assert.equal(forged.outcome, "403 CSRF_INVALID");
      }
      const stranger = await new Browser(registry).post(path, form);
      assert.equal(stranger.outcome, "401 UNAUTHORIZED");
    }
    const robot = await registry.robot("bot");
    const body = new URLSearchParams(form).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const asRobot = await robot.post("/oauth/authorizeapp", body, { headers });
    assert.equal(asRobot.outcome, "403 DENIED");
    const notForm = await browser.post("/oauth/authorizeapp", form, {
      "content-type": "text/plain",
    });
    assert.equal(notForm.status, 415);
    // A token passes on no more than it has.
    const api = new ApiClient(registry.admin);
    const path = `/organization/team/applications/${world.clientId}/tokens`;
    const { token } = (await api.post(path, { name: "a", scope: "repo:read" })).json;
    const limited = registry.client(`Bearer ${token}`);
    const more = new URLSearchParams({ ...form, scope: "repo:write" }).toString();
    assert.equal(
      (await limited.post("/oauth/authorizeapp", more, { headers })).outcome,
      "403 SCOPE_INSUFFICIENT",
    );
  });

  test("much is asked of a session only when its password was shown just now", async () => {
    let now = Date.now();
    await using world = await makeWorld(startTestRegistry, { now: () => now });
    const { browser } = world;
    const fields = { ...world.fields, scope: "user:admin" };
    const consent = await browser.signIn(fields);
    assert.equal(consent.status, 200);
    now += 600_001;
    const stale = await browser.open("/oauth/authorize", fields);
    assert.equal(stale.status, 401);
    assert(stale.body.includes('value="alice"'));
    assert.equal(
      (await browser.submit(consent, "/oauth/authorizeapp")).outcome,
      "401 LOGIN_NOT_FRESH",
    );
    const program = await browser.open("/oauth/authorize", { ...fields, format: "json" });
    assert.equal(program.outcome, "401 LOGIN_NOT_FRESH");
    assert.equal((await browser.signIn(fields)).status, 200);
    const document = await browser.open("/oauth/authorize", { ...fields, format: "json" });
    assert.equal(document.json["has_dangerous_scopes"], true);
  });

  test("client secrets cannot be guessed", async () => {
    await using world = await makeWorld(startTestRegistry, {
      config: { accounts: { failuresPerMinute: 3 } },
    });
    const guess = async (): Promise<number> =>
      (await tokenOf(world, { code: "x" }, basic(world.clientId, "wrong"))).status;
    assert.deepEqual([await guess(), await guess(), await guess()], [401, 401, 401]);
    assert.equal(await guess(), 429);
    const inForm = { client_id: world.clientId, client_secret: world.clientSecret, code: "x" };
    const { status, json } = await tokenOf(world, inForm);
    assert.deepEqual([status, json["error"]], [400, "invalid_grant"]);
  });
});
