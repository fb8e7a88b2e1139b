import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { LdapConfig } from "../../../config/config.ts";
import { ApiClient } from "../../../testing/api-client.ts";
import { basic, everyRegistry } from "../../../testing/test-registry.ts";
import type { StartTestRegistry, TestRegistry } from "../../../testing/test-registry.ts";
import { insertAccount } from "../../account-store.ts";
import { TestBrowser } from "../testing/test-browser.ts";
import { startTestDirectory, userDn, whyNoDirectory } from "../testing/test-directory.ts";
import type { TestDirectory } from "../testing/test-directory.ts";

suite("signing in by a directory", { skip: whyNoDirectory() ?? false }, () => {
  everyRegistry((start) => {
    let slapd: TestDirectory;
    before(async () => {
      slapd = await startTestDirectory();
    });
    after(() => slapd[Symbol.asyncDispose]());

    test("a password of the directory opens browser, docker login and pulls", async () => {
      await using registry = await open(start, slapd);
      const browser = new TestBrowser();
      const body = { username: "alice", password: "alice secret" };
      const signedIn = await browser.ask("POST", `${registry.url}/api/v1/signin`, { body });
      assert.equal(signedIn.status, 200, signedIn.text);
      const me = await browser.ask("GET", `${registry.url}/api/v1/user`);
      const { username, email, logins } = JSON.parse(me.text);
      assert.deepEqual([username, email], ["alice", "alice@example.com"]);
      assert.equal(logins[0].service, "ldap");

      const client = registry.client(basic("alice", "alice secret"));
      assert.equal((await client.get("/v2/")).status, 200);
      const token = await client.get("/v2/auth?scope=repository:alice/x:push&offline_token=true");
      assert.equal(token.status, 200);
      assert.ok(token.json["access_token"]);
      // Nothing would tell that the password was changed, so nothing stands in its place.
      assert.equal(token.json["refresh_token"], undefined);
      // Whoever is there for the first time gets an account on the way.
      const bob = new ApiClient(registry.client(basic("Bob", "bob secret")));
      assert.equal((await bob.get("/user")).json.username, "bob");
      const sessions = await registry.database.read
        .selectFrom("sessions")
        .select("service")
        .execute();
      assert.deepEqual(sessions, [{ service: "ldap" }]);
      const verify = await browser.ask("POST", `${registry.url}/api/v1/signin/verify`, {
        body: { password: "alice secret" },
        headers: { "x-csrf-token": JSON.parse(signedIn.text).csrf_token },
      });
      assert.equal(verify.status, 200, verify.text);
      await registry.settled();
      const kinds = await auditKinds(registry);
      assert.deepEqual(kinds.filter((kind) => /^user_|^login/.test(kind)).toSorted(), [
        "login_success",
        "user_create",
        "user_create",
      ]);
    });

    test("names of the registry's own users are theirs alone", async () => {
      await using registry = await open(start, slapd);
      // Made by another service: without a password.
      await registry.database.transaction((trx) =>
        insertAccount(trx, { kind: "user", name: "alice", createdAt: 1 }),
      );
      const { passwordHashes } = registry.administration;
      const hash = await passwordHashes.hash("own password");
      await registry.database.transaction((trx) =>
        insertAccount(trx, { kind: "user", name: "bob", passwordHash: hash, createdAt: 1 }),
      );
      for (const [name, password, expected] of [
        ["alice", "alice secret", 401],
        ["ALICE", "alice secret", 401],
        ["bob", "bob secret", 401],
        ["bob", "own password", 200],
        ["carol", "carol secret", 200],
        ["carol", "", 401],
        ["carol", "wrong", 401],
        ["*", "carol secret", 401],
        ["printer", "printer secret", 401],
      ] as const) {
        const { status } = await registry.client(basic(name, password)).get("/v2/");
        assert.equal(status, expected, `${name} ${password}`);
      }
      const { read } = registry.database;
      const logins = await read.selectFrom("external_logins").select("name").execute();
      assert.deepEqual(logins, [{ name: "carol" }]);
    });

    test("an entry that is renamed stays the same user", async () => {
      await using directory = await startTestDirectory();
      await using registry = await open(start, directory);
      const status = async (name: string, password: string): Promise<number> =>
        (await registry.client(basic(name, password)).get("/v2/")).status;
      assert.equal(await status("alice", "alice secret"), 200);
      await directory.change(async (client) => {
        await client.modifyDN(userDn("alice"), "uid=alicia");
      });
      // By the name here, and by the one there.
      assert.equal(await status("alice", "alice secret "), 401);
      await registry.restart();
      assert.equal(await status("alice", "alice secret"), 200);
      assert.equal(await status("alicia", "alice secret"), 200);
      const { read } = registry.database;
      const logins = await read
        .selectFrom("external_logins as e")
        .innerJoin("accounts as a", "a.id", "e.account_id")
        .select(["e.name as there", "a.name as here"])
        .execute();
      assert.deepEqual(logins, [{ there: "alicia", here: "alice" }]);
    });

    test("what was right is believed for a minute; a disabled account is not", async () => {
      let ahead = 0;
      await using directory = await startTestDirectory();
      await using registry = await open(start, directory, {}, () => Date.now() + ahead);
      const status = async (): Promise<number> =>
        (await registry.client(basic("alice", "alice secret")).get("/v2/")).status;
      assert.equal(await status(), 200);
      await directory.stop();
      assert.equal(await status(), 200);
      const disable = async (enabled: number): Promise<unknown> =>
        registry.database.transaction((trx) =>
          trx.updateTable("accounts").set({ enabled }).where("name", "=", "alice").execute(),
        );
      await disable(0);
      assert.equal(await status(), 401);
      await disable(1);
      assert.equal(await status(), 200);
      ahead = 61_000;
      assert.equal(await status(), 503);
      await directory.resume();
      assert.equal(await status(), 200);
    });

    test("guesses are counted, also while the directory is away", async () => {
      await using directory = await startTestDirectory();
      await using registry = await open(start, directory);
      await registry.restart({ accounts: { failuresPerMinute: 3 } });
      const { passwordHashes } = registry.administration;
      const hash = await passwordHashes.hash("own password");
      await registry.database.transaction((trx) =>
        insertAccount(trx, { kind: "user", name: "dora", passwordHash: hash, createdAt: 1 }),
      );
      const statuses = async (name: string): Promise<number[]> => {
        const found: number[] = [];
        for (let guess = 0; guess < 5; guess += 1) {
          const client = registry.client(basic(name, `guess ${guess}`));
          found.push((await client.get("/v2/")).status);
        }
        return found;
      };
      assert.deepEqual(await statuses("carol"), [401, 401, 401, 429, 429]);
      await directory.stop();
      await registry.restart();
      // Whoever has a password here cannot be guessed at behind the outage.
      assert.deepEqual(await statuses("dora"), [503, 503, 503, 429, 429]);
      assert.equal((await registry.client(basic("admin", "x")).get("/v2/")).status, 429);
      await registry.restart();
      assert.deepEqual(await statuses("carol"), [503, 503, 503, 503, 503]);
      const own = await registry.client(basic("dora", "own password")).get("/v2/");
      assert.equal(own.status, 200);
    });

    test("nobody is made a user where that is not wanted", async () => {
      await using registry = await open(start, slapd, { createUsers: false });
      const { status } = await registry.client(basic("alice", "alice secret")).get("/v2/");
      assert.equal(status, 401);
    });
  });
});

function open(
  start: StartTestRegistry,
  directory: TestDirectory,
  changes: Partial<LdapConfig> = {},
  now?: () => number,
): Promise<TestRegistry> {
  const config = { ldap: directory.config(changes) };
  return start({ config, ...(now === undefined ? {} : { now }) });
}

async function auditKinds(registry: TestRegistry): Promise<string[]> {
  const rows = await registry.database.read.selectFrom("audit_log").select("kind").execute();
  return rows.map(({ kind }) => kind);
}
