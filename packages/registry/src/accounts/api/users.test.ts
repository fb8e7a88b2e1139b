import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { everyRegistry } from "../../testing/test-registry.ts";
import { basic } from "../testing/test-accounts.ts";
import { TestBrowser } from "../testing/test-browser.ts";

suite("users, for superusers", () => {
  everyRegistry((start) => {
    test("they are created, listed in pages, changed and deleted", async () => {
      await using registry = await start();
      const admin = new ApiClient(registry.admin);
      const made = await admin.post("/superuser/users", {
        username: "alice",
        email: "alice@example.com",
      });
      const { password } = made.json;
      assert.match(password, /^[0-9a-z]{32}$/);
      assert.deepEqual(made.json, {
        username: "alice",
        email: "alice@example.com",
        password,
        encrypted_password: password,
      });
      const bob = { username: "bob", password: "correct horse", superuser: true };
      assert.equal((await admin.post("/superuser/users", bob)).json.password, "correct horse");
      for (const [body, outcome, field] of [
        [{ username: "alice" }, "400 CONFLICT", "username"],
        [{ username: "carol", email: "ALICE@example.com" }, "400 CONFLICT", "email"],
        [{ username: "Carol" }, "400 PARAMETER_INVALID", "username"],
        [{ email: "carol@example.com" }, "400 PARAMETER_INVALID", "username"],
      ] as const) {
        const answer = await admin.post("/superuser/users", body);
        assert.deepEqual([answer.outcome, answer.json.field], [outcome, field]);
      }

      const names = (json: { readonly users: readonly { readonly name: string }[] }): string[] =>
        json.users.map(({ name }) => name);
      const first = (await admin.get("/superuser/users?limit=2")).json;
      assert.deepEqual(names(first), ["admin", "alice"]);
      const rest = (await admin.get(`/superuser/users?limit=2&next_page=${first.next_page}`)).json;
      assert.deepEqual([names(rest), rest.next_page], [["bob"], undefined]);

      const browser = new TestBrowser(registry);
      await browser.signIn("alice", password);
      const change = { enabled: false, email: "a@example.com", password: "another horse" };
      const changed = (await admin.put("/superuser/users/alice", change)).json;
      assert.equal(changed.encrypted_password, "another horse");
      const {
        avatar,
        created,
        last_accessed: seen,
        ...shown
      } = (await admin.get("/superuser/users/alice")).json;
      assert.equal(avatar.name, "alice");
      assert.match(`${created} ${seen}`, /^\d{4}-.*Z \d{4}-.*Z$/);
      assert.deepEqual(shown, {
        kind: "user",
        name: "alice",
        username: "alice",
        email: "a@example.com",
        verified: true,
        super_user: false,
        enabled: false,
      });
      assert.equal((await browser.get("/user")).outcome, "401 UNAUTHORIZED");
      assert.deepEqual(names((await admin.get("/superuser/users?disabled=false")).json), [
        "admin",
        "bob",
      ]);
      // One thing wrong, and nothing is done.
      const wrong = await admin.put("/superuser/users/alice", { enabled: true, password: "short" });
      assert.equal(wrong.outcome, "400 PARAMETER_INVALID");
      assert.equal((await admin.get("/superuser/users/alice")).json.enabled, false);

      const boss = new ApiClient(registry.client(basic("bob", "correct horse")));
      assert.equal((await boss.put("/superuser/users/admin", { superuser: false })).status, 200);
      assert.equal((await admin.get("/superuser/users")).outcome, "403 DENIED");
      for (const [method, body] of [
        ["PUT", { superuser: false }],
        ["PUT", { enabled: false }],
        ["DELETE", undefined],
      ] as const) {
        const last = await boss.ask(method, "/superuser/users/bob", body);
        assert.match(last.json.detail, /the last superuser/);
        assert.equal(last.outcome, "409 CONFLICT");
      }
      assert.equal((await boss.delete("/superuser/users/alice")).status, 204);
      for (const name of ["alice", "team", "%00", "Alice"]) {
        assert.equal((await boss.get(`/superuser/users/${name}`)).status, 404);
        assert.equal((await boss.delete(`/superuser/users/${name}`)).status, 404);
      }
      await registry.settled();
      const logged = await registry.database.read
        .selectFrom("audit_log")
        .select(["kind", "namespace", "performer"])
        .where("namespace", "=", "alice")
        .where("performer", "!=", "alice")
        .orderBy("id")
        .execute();
      assert.deepEqual(
        logged.map(({ kind, performer }) => [kind, performer]),
        [
          ["user_create", "admin"],
          ["account_change_password", "admin"],
          ["account_change_email", "admin"],
          ["user_disable", "admin"],
          ["user_delete", "bob"],
        ],
      );
    });

    test("who signs in while the password is changed is in by the new one, or not at all", async () => {
      await using registry = await start();
      const admin = new ApiClient(registry.admin);
      await admin.post("/superuser/users", { username: "alice", password: "password 0" });
      for (let round = 0; round < 4; round++) {
        const browsers = Array.from({ length: 4 }, () => new TestBrowser(registry));
        const [changed, ...signedIn] = await Promise.all([
          admin.put("/superuser/users/alice", { password: `password ${round + 1}` }),
          ...browsers.map((browser) => browser.signIn("alice", `password ${round}`)),
        ]);
        assert.equal(changed.status, 200);
        for (const { outcome } of signedIn)
          assert.match(outcome, /^(200|403 CREDENTIALS_INVALID)$/);
        for (const browser of browsers) {
          assert.equal((await browser.get("/user")).outcome, "401 UNAUTHORIZED");
        }
      }
      const now = await new TestBrowser(registry).signIn("alice", "password 4");
      assert.equal(now.outcome, "200");
    });
  });
});
