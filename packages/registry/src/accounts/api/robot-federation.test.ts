import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { SignJWT } from "jose";
import { ApiClient } from "../../testing/api-client.ts";
import { textIn } from "../../testing/http-client.ts";
import type { Answer } from "../../testing/http-client.ts";
import { basic, everyRegistry, startTestRegistry } from "../../testing/test-registry.ts";
import type { TestRegistry } from "../../testing/test-registry.ts";
import { TestIssuer } from "../testing/test-issuer.ts";

const BOT = "/organization/team/robots/deploy";
const AUDIENCE = "https://registry.test";
const SUBJECT = "repo:team/app:ref:refs/heads/main";
const OPEN = {
  accounts: { federationAudience: AUDIENCE },
  network: { allowPrivateAddresses: true, allowPlainHttp: true },
} as const;

/** Exchanges a token. */
function exchange(registry: TestRegistry, token: string, robot = "team+deploy"): Promise<Answer> {
  return registry.client(basic(robot, token)).get("/oauth2/federation/robot/token");
}

suite("robot federation", () => {
  everyRegistry((start) => {
    test("a CI's token becomes a password of the robot for an hour", async () => {
      let now = Date.now();
      await using issuer = await TestIssuer.start();
      await using registry = await start({ config: OPEN, now: () => now });
      const api = new ApiClient(registry.admin);
      await api.put(BOT);
      const trust = [
        { issuer: issuer.url, subject: SUBJECT },
        { issuer: issuer.url, subject: "deploy", audience: "wharf" },
      ];
      assert.deepEqual((await api.post(`${BOT}/federation`, trust)).json, trust);
      assert.deepEqual((await api.get(`${BOT}/federation`)).json, trust);

      const shown = await issuer.token({ sub: SUBJECT, aud: AUDIENCE });
      const { status, headers, json } = await exchange(registry, shown);
      assert.equal(status, 200);
      assert.equal(headers["cache-control"], "no-store");
      const robot = registry.client(basic("team+deploy", textIn(json["token"])));
      assert.equal((await robot.get("/v2/")).status, 200);
      assert.equal((await robot.get("/v2/auth?scope=repository:team/app:pull")).status, 200);
      const deploy = await issuer.token({ sub: "deploy", aud: ["other", "wharf"] });
      const other = await exchange(registry, deploy);
      assert.equal(other.status, 200);
      assert.deepEqual(issuer.requests, ["/.well-known/openid-configuration", "/jwks"]);

      // Whom nobody trusts any more loses what was exchanged; the others keep it.
      await api.post(`${BOT}/federation`, trust.slice(1));
      assert.equal((await robot.get("/v2/")).status, 401);
      const second = registry.client(basic("team+deploy", textIn(other.json["token"])));
      assert.equal((await second.get("/v2/")).status, 200);
      now += 3_600_000;
      assert.equal((await second.get("/v2/")).status, 401);
      assert.equal((await api.delete(`${BOT}/federation`)).status, 204);
      assert.deepEqual((await api.get(`${BOT}/federation`)).json, []);
      assert.equal((await exchange(registry, deploy)).status, 401);
      assert.deepEqual((await api.get(`${BOT}/tokens`)).json.tokens.length, 1);
    });
  });

  test("a token that is not exactly right is refused, and says why", async () => {
    await using issuer = await TestIssuer.start();
    await using stranger = await TestIssuer.start();
    await using registry = await startTestRegistry({ config: OPEN });
    const api = new ApiClient(registry.admin);
    await api.put(BOT);
    await api.post(`${BOT}/federation`, [{ issuer: issuer.url, subject: SUBJECT }]);
    const seconds = Math.floor(Date.now() / 1000);
    const right = { sub: SUBJECT, aud: AUDIENCE };
    const secret = new TextEncoder().encode("secret".repeat(8));
    const [, payload = ""] = (await issuer.token(right)).split(".");
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    const wrong: [string, RegExp][] = [
      ["", /OIDC token/],
      ["no.jwt.here", /OIDC token/],
      [await issuer.token({ sub: "other", aud: AUDIENCE }), /no such robot trusts other/],
      [await stranger.token(right), /no such robot/],
      [await stranger.token({ ...right, iss: issuer.url }), /signature/],
      [await issuer.token({ ...right, aud: "https://other.test" }), /audience must be https:/],
      [await issuer.token({ sub: SUBJECT }), /audience/],
      [await issuer.token({ ...right, exp: seconds - 61 }), /expired/],
      [await issuer.token({ ...right, nbf: seconds + 120 }), /nbf/],
      [none, /signature/],
      [
        await new SignJWT({ ...right, iss: issuer.url })
          .setProtectedHeader({ alg: "HS256" })
          .setIssuedAt()
          .setExpirationTime("5m")
          .sign(secret),
        /signature/,
      ],
    ];
    for (const [token, message] of wrong) {
      const { status, json } = await exchange(registry, token);
      assert.equal(status, 401, String(message));
      assert.match(textIn(json["error"]), message);
    }
    assert.deepEqual(stranger.requests, [], "nobody is asked who is not trusted");
    const { json } = await exchange(registry, await issuer.token(right), "team+nobody");
    assert.match(textIn(json["error"]), /no such robot trusts repo:/);
    // Another Host decides nothing: the audience is not what the client calls us.
    const host = new URL(registry.url).host;
    const here = await issuer.token({ ...right, aud: `http://${host}` });
    assert.equal((await exchange(registry, here)).status, 401);
    assert.equal((await registry.client().get("/oauth2/federation/robot/token")).status, 401);
  });

  test("who guesses is slowed down", async () => {
    await using registry = await startTestRegistry({
      config: { ...OPEN, accounts: { federationAudience: AUDIENCE, failuresPerMinute: 3 } },
    });
    for (let tried = 0; tried < 3; tried++) {
      assert.equal((await exchange(registry, "wrong")).status, 401);
    }
    assert.equal((await exchange(registry, "wrong")).outcome, "429 TOOMANYREQUESTS");
  });

  test("an issuer changes its keys, lies, fails, and comes back", async () => {
    let now = Date.now();
    await using issuer = await TestIssuer.start();
    await using registry = await startTestRegistry({ config: OPEN, now: () => now });
    const api = new ApiClient(registry.admin);
    await api.put(BOT);
    await api.post(`${BOT}/federation`, [{ issuer: issuer.url, subject: SUBJECT }]);
    const right = { sub: SUBJECT, aud: AUDIENCE };
    const configuration = "/.well-known/openid-configuration";
    const document = issuer.documents.get(configuration);
    const status = async (): Promise<number> =>
      (await exchange(registry, await issuer.token(right))).status;
    for (const lie of [
      { issuer: "https://other.test", jwks_uri: `${issuer.url}/jwks` },
      { issuer: issuer.url },
      "no JSON",
      { issuer: issuer.url, jwks_uri: "file:///etc/passwd" },
      { issuer: issuer.url, jwks_uri: "http://169.254.169.254/latest" },
      { issuer: issuer.url, jwks_uri: `${issuer.url}/nothing` },
      `{"issuer": "${"x".repeat(300_000)}"}`,
      undefined,
    ]) {
      issuer.documents.set(configuration, lie);
      const before = issuer.requests.length;
      assert.equal(await status(), 503);
      assert.equal(await status(), 503);
      assert(issuer.requests.length - before <= 2, "it is left in peace for a while");
      now += 10_000;
    }
    issuer.documents.set(configuration, document);
    assert.equal(await status(), 200);
    const asked = issuer.requests.length;
    await issuer.rotate();
    assert.equal(await status(), 401, "keys that are so fresh are not fetched again");
    assert.equal(issuer.requests.length, asked);
    now += 30_000;
    assert.equal(await status(), 200);
    assert.equal(issuer.requests.length, asked + 2);
  });

  test("what cannot be trusted is refused when it is configured", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.admin);
    await api.put(BOT);
    const issuer = "https://issuer.test";
    for (const [body, field] of [
      [{}, "the body"],
      [[{ issuer }], "0.subject"],
      [[{ issuer: "issuer.test", subject: "s", audience: "a" }], "0.issuer"],
      [[{ issuer: "javascript:alert(1)", subject: "s", audience: "a" }], "0.issuer"],
      [[{ issuer: "http://issuer.test", subject: "s", audience: "a" }], "0.issuer"],
      [[{ issuer: "https://a:b@issuer.test", subject: "s", audience: "a" }], "0.issuer"],
      [[{ issuer: `${issuer}?a`, subject: "s", audience: "a" }], "0.issuer"],
      [[{ issuer, subject: "s" }], "0.audience"],
      [
        [
          { issuer, subject: "s", audience: "a" },
          { issuer, subject: "s", audience: "a" },
        ],
        "1.subject",
      ],
    ] as const) {
      const { status, json } = await api.post(`${BOT}/federation`, body);
      assert.deepEqual([status, json.field], [400, field]);
    }
    // A private address is refused when its keys are fetched, and tells nothing of what is there.
    await registry.restart({ accounts: { federationAudience: AUDIENCE } });
    await using ci = await TestIssuer.start();
    const https = ci.url.replace("http:", "https:");
    const admin = new ApiClient(registry.admin);
    await admin.post(`${BOT}/federation`, [{ issuer: https, subject: SUBJECT }]);
    const token = await ci.token({ iss: https, sub: SUBJECT, aud: AUDIENCE });
    assert.equal((await exchange(registry, token)).outcome, "503 UNAVAILABLE");
    assert.deepEqual(ci.requests, []);
  });
});
