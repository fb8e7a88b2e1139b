import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { digestOf } from "@wharf/image";
import { ApiClient } from "../../testing/api-client.ts";
import { everyRegistry } from "../../testing/test-registry.ts";
import { basic } from "../testing/test-accounts.ts";

const DAY = 86_400_000;

suite("application tokens", () => {
  everyRegistry((start) => {
    test("they are made, listed in pages, shown again and revoked by their owner", async () => {
      let now = Date.UTC(2026, 10, 22, 12);
      await using registry = await start({ now: () => now });
      const alice = new ApiClient(await registry.user("alice"));
      const bob = new ApiClient(await registry.user("bob"));
      const made = await alice.post("/user/apptoken", {
        title: "laptop",
        expiration: "2026-11-27T12:00:00Z",
      });
      const { token_code: code, uuid, ...token } = made.json.token;
      assert.deepEqual(token, {
        title: "laptop",
        last_accessed: null,
        created: "Sun, 22 Nov 2026 12:00:00 -0000",
        expiration: "Fri, 27 Nov 2026 12:00:00 -0000",
      });
      const laptop = registry.client(basic("$app", code));
      assert.equal((await laptop.get("/v2/")).status, 200);
      assert.equal((await alice.get(`/user/apptoken/${uuid}`)).json.token.token_code, code);
      for (const title of ["desk", "phone"]) {
        const expiration = (now + 30 * DAY) / 1000;
        assert.equal((await alice.post("/user/apptoken", { title, expiration })).status, 200);
      }
      await bob.post("/user/apptoken", { title: "bob's", expiration: "2026-11-23T12:00:00+02:00" });

      const titles = (tokens: readonly { readonly title: string }[]): string[] =>
        tokens.map(({ title }) => title);
      await alice.post("/user/apptoken", { title: "tablet" });
      const first = (await alice.get("/user/apptoken?limit=3")).json;
      assert.deepEqual(titles(first.tokens), ["laptop", "desk", "phone"]);
      assert.equal(first.tokens[0].token_code, undefined);
      const second = (await alice.get(`/user/apptoken?limit=3&next_page=${first.next_page}`)).json;
      assert.deepEqual([titles(second.tokens), second.next_page], [["tablet"], undefined]);
      const soon = (await alice.get("/user/apptoken?expiring=true")).json;
      assert.deepEqual([titles(soon.tokens), soon.only_expiring], [["laptop"], true]);

      const admin = new ApiClient(registry.admin);
      const all = (await admin.get("/superuser/apptokens?expiring=true&limit=1")).json;
      assert.deepEqual([all.tokens[0].title, all.tokens[0].user], ["bob's", "bob"]);
      const next = `/superuser/apptokens?expiring=true&limit=1&next_page=${all.next_page}`;
      assert.deepEqual(titles((await admin.get(next)).json.tokens), ["laptop"]);
      assert.equal((await admin.get("/superuser/apptokens")).json.tokens.length, 5);

      for (const path of [`/user/apptoken/${uuid}`, "/user/apptoken/none"]) {
        assert.equal((await bob.get(path)).outcome, "404 NOT_FOUND");
        assert.equal((await bob.delete(path)).outcome, "404 NOT_FOUND");
      }
      assert.equal((await alice.delete(`/user/apptoken/${uuid}`)).status, 204);
      assert.equal((await laptop.get("/v2/")).status, 401);
      assert.equal((await alice.delete(`/user/apptoken/${uuid}`)).status, 404);
      const bobs = all.tokens[0].uuid;
      assert.equal((await admin.delete(`/superuser/apptokens/${bobs}`)).status, 204);
      assert.equal((await bob.get(`/user/apptoken/${bobs}`)).status, 404);
      for (const [body, field] of [
        [{}, "title"],
        [{ title: "" }, "title"],
        [{ title: "a\0" }, "title"],
        [{ title: "late", expiration: "2026-11-22T11:59:59Z" }, "expiration"],
        [{ title: "late", expiration: "soon" }, "expiration"],
        [{ title: "late", expiration: -1 }, "expiration"],
      ] as const) {
        const answer = await alice.post("/user/apptoken", body);
        assert.deepEqual([answer.outcome, answer.json.field], ["400 PARAMETER_INVALID", field]);
      }
      const bad = await alice.get("/user/apptoken?next_page=bm9uZQ");
      assert.deepEqual([bad.status, bad.json.field], [400, "next_page"]);
      await registry.settled();
      const logged = await registry.database.read
        .selectFrom("audit_log")
        .select(["kind", "namespace", "performer"])
        .where("kind", "=", "revoke_app_specific_token")
        .orderBy("id")
        .execute();
      assert.deepEqual(
        logged.map(({ namespace, performer }) => [namespace, performer]),
        [
          ["alice", "alice"],
          ["bob", "admin"],
        ],
      );
    });

    test("a revoked token ends nothing that is under way, and begins nothing more", async () => {
      await using registry = await start();
      const alice = new ApiClient(await registry.user("alice"));
      const { token } = (await alice.post("/user/apptoken", { title: "ci" })).json;
      const client = registry.client(basic("$app", token.token_code));
      const begun = await client.post("/v2/alice/app/blobs/uploads/");
      assert.equal(begun.status, 202);
      const location = String(begun.headers["location"]);
      const blob = Buffer.alloc(4 * 1024 * 1024, 7);
      await registry.push("alice/app", blob, client);
      const digest = digestOf(blob);
      const half = Promise.withResolvers<void>();
      const rest = Promise.withResolvers<void>();
      const sending = client.patch(
        new URL(location, registry.url).pathname + new URL(location, registry.url).search,
        (async function* () {
          yield Buffer.alloc(64 * 1024, 1);
          half.resolve();
          await rest.promise;
          yield Buffer.alloc(64 * 1024, 2);
        })(),
        { headers: { "content-type": "application/octet-stream" } },
      );
      await half.promise;
      const pulls = Array.from({ length: 8 }, () => client.get(`/v2/alice/app/blobs/${digest}`));
      assert.equal((await alice.delete(`/user/apptoken/${token.uuid}`)).status, 204);
      for (const { status, body } of await Promise.all(pulls)) {
        // The whole of it, or nothing.
        assert([200, 401].includes(status));
        if (status === 200) assert(body.equals(blob));
      }
      assert.equal((await client.get(`/v2/alice/app/blobs/${digest}`)).status, 401);
      rest.resolve();
      const sent = await sending;
      assert.equal(sent.status, 202);
      const next = new URL(String(sent.headers["location"]), registry.url);
      const refused = await client.put(`${next.pathname}${next.search}&digest=sha256:00`, "");
      assert.equal(refused.outcome, "401 UNAUTHORIZED");
    });
  });
});
