import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { everyRegistry } from "../../testing/test-registry.ts";
import { OPERATOR } from "../admin/actor.ts";
import { createUser, setEnabled, setPassword } from "../admin/users.ts";
import { basic } from "../testing/test-accounts.ts";
import { cookieOf, TestBrowser } from "../testing/test-browser.ts";

const PASSWORD = "correct horse";

suite("sign-in", () => {
  everyRegistry((start) => {
    test("a browser signs in by name or address, and out again", async () => {
      await using registry = await start();
      const { administration } = registry;
      const alice = { name: "alice", password: PASSWORD, email: "Alice@example.com" };
      await createUser(administration, OPERATOR, alice);
      const browser = new TestBrowser(registry);
      assert.equal((await browser.get("/user")).outcome, "401 UNAUTHORIZED");
      const answer = await browser.signIn("alice", PASSWORD);
      assert.equal(answer.outcome, "200");
      const [cookie = ""] = [answer.headers["set-cookie"]].flat();
      assert.match(
        cookie,
        /^wharf_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
      );
      assert.equal((await browser.get("/user")).json.username, "alice");

      // Signing in again ends the session that was there: nobody can have planted it.
      const first = browser.headers;
      await browser.signIn("alice@EXAMPLE.com", PASSWORD);
      assert.notEqual(browser.headers["cookie"], first["cookie"]);
      const api = new ApiClient(registry.client());
      assert.equal((await api.get("/user", first)).outcome, "401 UNAUTHORIZED");

      const { json } = await browser.get("/user/sessions");
      assert.deepEqual(
        json.sessions.map(({ current, service, ip }: Record<string, unknown>) => [
          current,
          service,
          ip,
        ]),
        [[true, null, "127.0.0.1"]],
      );
      const second = browser.headers;
      assert.equal((await browser.ask("POST", "/signout")).outcome, "200");
      assert.equal(browser.headers["cookie"], "wharf_session=");
      assert.equal((await api.get("/user", second)).outcome, "401 UNAUTHORIZED");
      await registry.settled();
      const logged = await registry.database.read
        .selectFrom("audit_log")
        .select(["kind", "performer", "namespace"])
        .where("kind", "like", "log%")
        .orderBy("id")
        .execute();
      assert.deepEqual(
        logged.map((row) => ({ ...row })),
        ["login_success", "login_success", "logout_success"].map((kind) => ({
          kind,
          performer: "alice",
          namespace: "alice",
        })),
      );
    });

    test("who cannot sign in is not told why, and the log is", async () => {
      await using registry = await start({
        config: { accounts: { auditSignIns: "all", failuresPerMinute: 5 } },
      });
      const { administration } = registry;
      for (const name of ["alice", "bob"]) {
        await createUser(administration, OPERATOR, { name, password: PASSWORD });
      }
      await setEnabled(administration, OPERATOR, "bob", false);
      const api = new ApiClient(registry.client());
      const answers = new Set<string>();
      for (const [username, password] of [
        ["alice", "wrong password"],
        ["bob", PASSWORD],
        ["nobody", PASSWORD],
        ["nobody@example.com", PASSWORD],
        ["team", PASSWORD],
      ]) {
        const { status, json, headers } = await api.post("/signin", { username, password });
        assert.equal(headers["set-cookie"], undefined);
        answers.add(JSON.stringify([status, { ...json, request_id: "" }]));
      }
      assert.equal(answers.size, 1);
      assert.match([...answers].join(), /^\[403,.*"CREDENTIALS_INVALID"/);
      // More is too much for the address, whoever it tries.
      const more = await api.post("/signin", { username: "alice", password: "wrong again" });
      assert.equal(more.outcome, "429 TOOMANYREQUESTS");
      assert.match(String(more.headers["retry-after"]), /^\d+$/);
      await registry.settled();
      const logged = await registry.database.read
        .selectFrom("audit_log")
        .select(["namespace", "metadata"])
        .where("kind", "=", "login_failure")
        .orderBy("id")
        .execute();
      // What was typed in place of a name may have been a password.
      assert.deepEqual(
        logged.map(({ namespace }) => namespace),
        ["alice", "bob", null, null, null, "alice"],
      );
      assert(!JSON.stringify(logged).includes("nobody"));
      for (const body of [{}, { username: "alice" }, { username: 1, password: "" }]) {
        assert.equal((await api.post("/signin", body)).outcome, "400 PARAMETER_INVALID");
      }
    });

    test("other sites can neither sign a browser in nor use its session", async () => {
      await using registry = await start();
      const { administration } = registry;
      await createUser(administration, OPERATOR, { name: "alice", password: PASSWORD });
      const api = new ApiClient(registry.client());
      const credentials = { username: "alice", password: PASSWORD };
      const foreign: [Record<string, string>, string][] = [
        [{ origin: "https://evil.example" }, "403 ORIGIN_INVALID"],
        [{ origin: "null" }, "403 ORIGIN_INVALID"],
        [{ "sec-fetch-site": "cross-site" }, "403 ORIGIN_INVALID"],
        [{ "sec-fetch-site": "same-site" }, "403 ORIGIN_INVALID"],
        [{ "content-type": "text/plain" }, "415 PARAMETER_INVALID"],
        [{ "content-type": "application/x-www-form-urlencoded" }, "415 PARAMETER_INVALID"],
        [{ "sec-fetch-site": "same-origin", origin: registry.url }, "200"],
      ];
      for (const [headers, outcome] of foreign) {
        const answer = await api.ask("POST", "/signin", credentials, headers);
        assert.equal(answer.outcome, outcome, JSON.stringify(headers));
        assert.equal(answer.headers["set-cookie"] === undefined, outcome !== "200");
      }

      const browser = new TestBrowser(registry);
      await browser.signIn("alice", PASSWORD);
      const { cookie = "", "x-csrf-token": token = "" } = browser.headers;
      const change = { company: "Evil" };
      for (const headers of [
        { cookie },
        { cookie, "x-csrf-token": "" },
        { cookie, "x-csrf-token": `${token}x` },
      ]) {
        for (const [method, path, body] of [
          ["PUT", "/user", change],
          ["POST", "/signout", undefined],
          ["POST", "/signin", credentials],
          ["DELETE", "/user/sessions", undefined],
        ] as const) {
          const answer = await api.ask(method, path, body, headers);
          assert.equal(answer.outcome, "403 CSRF_INVALID", `${method} ${path}`);
        }
      }
      assert.equal((await browser.get("/user")).json.company, null);
      const { json } = await registry.client().get("/csrf_token", { headers: { cookie } });
      assert.equal(json["csrf_token"], token);
      const none = await registry.client().get("/csrf_token");
      assert.notEqual(none.json["csrf_token"], token);
      assert.equal((await browser.ask("PUT", "/user", change)).json.company, "Evil");
    });

    test("sessions end one by one, with the password, with the account, and by themselves", async () => {
      let now = Date.now();
      await using registry = await start({ now: () => now });
      const { administration } = registry;
      for (const name of ["alice", "bob"]) {
        await createUser(administration, OPERATOR, { name, password: PASSWORD });
      }
      const open = async (name = "alice", password = PASSWORD): Promise<TestBrowser> => {
        const browser = new TestBrowser(registry);
        assert.equal((await browser.signIn(name, password)).outcome, "200");
        return browser;
      };
      const outcome = async (browser: TestBrowser): Promise<string> =>
        (await browser.get("/user")).outcome;

      const [laptop, phone, desk] = [await open(), await open(), await open()];
      const bob = await open("bob");
      const uuidOf = async (browser: TestBrowser): Promise<string> => {
        const { json } = await browser.get("/user/sessions");
        return json.sessions.find(({ current }: { current: boolean }) => current).uuid;
      };
      const foreign = await laptop.ask("DELETE", `/user/sessions/${await uuidOf(bob)}`);
      assert.equal(foreign.outcome, "404 NOT_FOUND");
      const ended = await laptop.ask("DELETE", `/user/sessions/${await uuidOf(phone)}`);
      assert.equal(ended.outcome, "204");
      assert.equal(await outcome(phone), "401 UNAUTHORIZED");
      assert.equal((await laptop.ask("DELETE", "/user/sessions")).outcome, "204");
      assert.equal(await outcome(desk), "401 UNAUTHORIZED");
      assert.equal(await outcome(laptop), "200");

      // A new password ends all sessions but the one that sets it.
      const tablet = await open();
      const password = "another horse";
      assert.equal((await laptop.ask("PUT", "/user", { password })).outcome, "200");
      assert.equal(await outcome(laptop), "200");
      assert.equal(await outcome(tablet), "401 UNAUTHORIZED");
      assert.equal((await new TestBrowser(registry).signIn("alice", PASSWORD)).status, 403);
      await setPassword(administration, OPERATOR, "alice", PASSWORD);
      assert.equal(await outcome(laptop), "401 UNAUTHORIZED");

      // A disabled user's do not come back.
      assert.equal(await outcome(bob), "200");
      await setEnabled(administration, OPERATOR, "bob", false);
      assert.equal(await outcome(bob), "401 UNAUTHORIZED");
      await setEnabled(administration, OPERATOR, "bob", true);
      assert.equal(await outcome(bob), "401 UNAUTHORIZED");

      const last = await open();
      now += 13 * 86_400_000;
      const renewed = await last.get("/user");
      assert.match(cookieOf(String(renewed.headers["set-cookie"])), /^wharf_session=./);
      now += 13 * 86_400_000;
      assert.equal(await outcome(last), "200");
      now += 14 * 86_400_000;
      assert.equal(await outcome(last), "401 UNAUTHORIZED");
    });

    test("dangerous changes in a browser need the password again after a while", async () => {
      let now = Date.now();
      await using registry = await start({ now: () => now });
      await createUser(registry.administration, OPERATOR, { name: "alice", password: PASSWORD });
      const browser = new TestBrowser(registry);
      await browser.signIn("alice", PASSWORD);
      now += 600_001;
      const stale = await browser.ask("PUT", "/user", { company: "Wharf" });
      assert.equal(stale.outcome, "401 LOGIN_NOT_FRESH");
      assert.equal(stale.json.error_type, "fresh_login_required");
      const wrong = await browser.ask("POST", "/signin/verify", { password: "wrong password" });
      assert.equal(wrong.outcome, "403 CREDENTIALS_INVALID");
      assert.equal((await browser.ask("PUT", "/user", {})).outcome, "401 LOGIN_NOT_FRESH");
      const right = await browser.ask("POST", "/signin/verify", { password: PASSWORD });
      assert.deepEqual(right.json, { success: true });
      assert.equal((await browser.ask("PUT", "/user", { company: "Wharf" })).json.company, "Wharf");
      // Programs show their password with every request.
      const program = new ApiClient(registry.client(basic("alice", PASSWORD)));
      assert.equal((await program.put("/user", { company: "Other" })).json.company, "Other");
    });
  });
});
