import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { suite, test } from "node:test";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import type { JWTPayload } from "jose";
import { openDatabase } from "../database/open-database.ts";
import { everyDatabase, openTestSqlite } from "../database/testing/every-database.ts";
import { AccessTokens } from "./access-tokens.ts";
import type { TokenGrant } from "./access-tokens.ts";
import { loginByPassword } from "./login.ts";
import { RefreshTokens } from "./refresh-tokens.ts";
import { SigningKeys } from "./signing-keys.ts";
import { findAccountByName } from "./account-store.ts";
import { addUser, testAccounts } from "./testing/test-accounts.ts";
import type { Database } from "../database/database.ts";

const SERVICE = "registry.test";
const DAY = 86_400_000;
const GRANT: TokenGrant = {
  accountId: 7,
  name: "alice",
  isSuperuser: true,
  access: new Map([["alice/app", new Set(["pull", "push"] as const)]]),
  catalog: true,
  shown: { kind: "robot", title: "pushes from the build" },
};

function setUp(database: Database) {
  const clock = { now: 1_795_262_400_000 };
  const now = (): number => clock.now;
  const keys = new SigningKeys({ database, now });
  return { clock, now, keys, tokens: new AccessTokens({ keys, life: 300_000, now }) };
}

suite("access tokens", () => {
  everyDatabase((_dialect, openTestDatabase) => {
    test("a token says what was granted, until it expires", async () => {
      await using database = await openTestDatabase();
      const { clock, tokens } = setUp(database);
      const { token, expiresIn, issuedAt } = await tokens.issue(GRANT, SERVICE);
      assert.equal(expiresIn, 300);
      assert.equal(issuedAt, clock.now);
      const verified = await tokens.verify(token, SERVICE);
      assert.deepEqual(verified, {
        principal: { kind: "token", ...GRANT },
        until: clock.now + 330_000,
      });
      clock.now += 329_999;
      assert(await tokens.verify(token, SERVICE));
      clock.now += 1;
      assert.equal(await tokens.verify(token, SERVICE), undefined);
    });

    test("replicas accept each other's tokens, and share the key", async () => {
      await using database = await openTestDatabase();
      await using replica = await openDatabase(database.options);
      const [one, other] = [setUp(database), setUp(replica)];
      const token = await one.tokens.issue(GRANT, SERVICE);
      assert(await other.tokens.verify(token.token, SERVICE));
      const back = await other.tokens.issue(GRANT, SERVICE);
      assert(await one.tokens.verify(back.token, SERVICE));
      const keys = await database.read.selectFrom("signing_keys").select("kid").execute();
      assert.equal(keys.length, 1);
    });

    test("keys rotate after a week, and are accepted for a day more", async () => {
      await using database = await openTestDatabase();
      const { clock, keys, tokens } = setUp(database);
      const first = await keys.signer();
      clock.now += 7 * DAY - 1;
      assert.equal((await keys.signer()).kid, first.kid);
      const { token } = await tokens.issue(GRANT, SERVICE);
      clock.now += 1;
      const second = await keys.signer();
      assert.notEqual(second.kid, first.kid);
      assert(await tokens.verify(token, SERVICE));
      assert(await keys.verifier(first.kid));
      clock.now += DAY;
      assert.equal(await keys.verifier(first.kid), undefined);
      assert(await keys.verifier(second.kid));
      clock.now += 6 * DAY;
      await keys.signer();
      const rows = await database.read.selectFrom("signing_keys").select("kid").execute();
      assert.equal(rows.length, 2, "the first is gone");
    });

    test("first tokens at the same time make one key", async () => {
      await using database = await openTestDatabase();
      const { keys } = setUp(database);
      const kids = await Promise.all(
        Array.from({ length: 10 }, async () => (await keys.signer()).kid),
      );
      assert.equal(new Set(kids).size, 1);
    });
  });

  suite("forged ones are refused:", () => {
    const now = 1_795_262_400;
    const claims = {
      iss: "wharf",
      aud: SERVICE,
      sub: "alice",
      iat: now,
      nbf: now,
      exp: now + 300,
      purpose: "registry",
      account: 7,
      access: [{ type: "repository", name: "alice/app", actions: ["pull"] }],
    };
    const forgeries: readonly {
      readonly title: string;
      /** What is undefined is left out. */
      readonly claims?: Record<string, unknown>;
      readonly header?: Record<string, unknown>;
    }[] = [
      { title: "expired", claims: { exp: now - 31 } },
      { title: "without an end", claims: { exp: undefined } },
      { title: "not yet valid", claims: { nbf: now + 31 } },
      { title: "for another registry", claims: { aud: "other.test" } },
      { title: "for nobody", claims: { aud: undefined } },
      { title: "of another issuer", claims: { iss: "quay" } },
      { title: "for another purpose", claims: { purpose: "refresh" } },
      { title: "for no purpose", claims: { purpose: undefined } },
      { title: "without a subject", claims: { sub: undefined } },
      { title: "of another type", header: { typ: "wharf-refresh+jwt" } },
      { title: "of no type", header: { typ: undefined } },
      { title: "with claims of the wrong shape", claims: { access: [{ name: 1 }] } },
      { title: "with an account that is no number", claims: { account: "7" } },
      { title: "with an unknown key", header: { kid: "a".repeat(43) } },
      { title: "with a key that is a path", header: { kid: "../../dev/null" } },
      { title: "without a key", header: { kid: undefined } },
      { title: "with an extension we must know", header: { crit: ["b64"], b64: false } },
    ];
    for (const forgery of forgeries) {
      test(forgery.title, async () => {
        await using database = await openTestSqlite();
        const { keys, tokens } = setUp(database);
        const { kid, key } = await keys.signer();
        const sign = async (
          payload: JWTPayload,
          header: Record<string, unknown> = {},
        ): Promise<string> =>
          new SignJWT(payload)
            .setProtectedHeader({ alg: "ES256", kid, typ: "wharf-registry+jwt", ...header })
            .sign(key, header["crit"] === undefined ? {} : { crit: { b64: true } });
        assert(await tokens.verify(await sign(claims), SERVICE), "the unforged one is good");
        const forged = await sign({ ...claims, ...forgery.claims }, forgery.header).catch(
          // The library does not sign everything; then its header is put on the signature of another.
          async () => swapHeader(await sign(claims), { alg: "ES256", kid, ...forgery.header }),
        );
        assert.equal(await tokens.verify(forged, SERVICE), undefined);
      });
    }

    test("with other algorithms, or other keys", async () => {
      await using database = await openTestSqlite();
      const { keys, tokens } = setUp(database);
      const { kid } = await keys.signer();
      const { token } = await tokens.issue(GRANT, SERVICE);
      const [, payload = "", signature = ""] = token.split(".");
      const row = await database.read
        .selectFrom("signing_keys")
        .select("public_jwk")
        .executeTakeFirstOrThrow();
      const typ = "wharf-registry+jwt";

      for (const alg of ["none", "None", "nOnE", ""]) {
        const header = encode({ alg, kid, typ });
        for (const forged of [`${header}.${payload}.`, `${header}.${payload}.${signature}`]) {
          assert.equal(await tokens.verify(forged, SERVICE), undefined, alg);
        }
      }
      // The public key taken for a shared secret.
      const hmac = `${encode({ alg: "HS256", kid, typ })}.${payload}`;
      const mac = createHmac("sha256", row.public_jwk).update(hmac).digest("base64url");
      assert.equal(await tokens.verify(`${hmac}.${mac}`, SERVICE), undefined);

      // A key that the token brings along, under its own name, ours, or none.
      const own = await generateKeyPair("ES256", { extractable: true });
      const jwk = { ...(await exportJWK(own.publicKey)), alg: "ES256" };
      const ownKid = await calculateJwkThumbprint(jwk);
      for (const header of [
        { kid: ownKid, jwk },
        { kid, jwk },
        { jwk },
        { kid: ownKid, jku: "https://attacker.test/keys" },
        { kid: ownKid, x5u: "https://attacker.test/keys" },
        { kid },
      ]) {
        const forged = await new SignJWT({ ...claims, exp: claims.exp })
          .setProtectedHeader({ alg: "ES256", typ, ...header })
          .sign(own.privateKey);
        assert.equal(await tokens.verify(forged, SERVICE), undefined);
      }

      const changed = Buffer.from(payload, "base64url").toString().replace("pull", "push");
      const tampered = token.replace(payload, Buffer.from(changed).toString("base64url"));
      assert.equal(await tokens.verify(tampered, SERVICE), undefined);
      for (const text of ["", ".", "..", "...", token.slice(0, -2), `${token}.`, "\0", "é.é.é"]) {
        assert.equal(await tokens.verify(text, SERVICE), undefined, text);
      }
    });

    test("refresh tokens are no access tokens, and the other way round", async () => {
      await using database = await openTestSqlite();
      const all = testAccounts(database);
      await addUser(all, "alice");
      const { now, tokens } = setUp(database);
      const refresh = new RefreshTokens({ database, robots: true, now });
      const row = await findAccountByName(database.read, "alice");
      const login = row && loginByPassword(row, now());
      assert(login !== undefined);
      const refreshToken = await refresh.issue(login, SERVICE);
      const { token } = await tokens.issue(GRANT, SERVICE);
      assert.deepEqual((await refresh.redeem(refreshToken, SERVICE))?.principal, login.principal);
      assert.equal(await tokens.verify(refreshToken, SERVICE), undefined);
      assert.equal(await refresh.redeem(token, SERVICE), undefined);
      assert.equal(await refresh.redeem(refreshToken, "other.test"), undefined);
    });
  });
});

function swapHeader(token: string, header: Record<string, unknown>): string {
  return [encode(header), ...token.split(".").slice(1)].join(".");
}

function encode(header: object): string {
  return Buffer.from(JSON.stringify(header)).toString("base64url");
}
