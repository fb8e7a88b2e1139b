import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { findAccountByName } from "../accounts/account-store.ts";
import { ApiClient } from "../testing/api-client.ts";
import { everyRegistry } from "../testing/test-registry.ts";
import { notifyAccount, notifyAdmins, withdrawNotice } from "./notify-account.ts";

suite("notifications and messages", () => {
  everyRegistry((start) => {
    test("a user is told, page by page, and dismisses what is done", async () => {
      await using registry = await start();
      const { database } = registry;
      const alice = new ApiClient(await registry.user("alice"));
      const bob = new ApiClient(await registry.user("bob"));
      const idOf = async (name: string): Promise<number> => {
        const account = await findAccountByName(database.read, name);
        assert(account !== undefined);
        return account.id;
      };
      const [aliceId, teamId] = [await idOf("alice"), await idOf("team")];
      await database.transaction(async (trx) => {
        for (const number of [1, 2, 3]) {
          const metadata = { organization: "team", number };
          const about = `invitation:${number}`;
          const notice = { kind: "org_team_invite", metadata, about } as const;
          await notifyAccount(trx, aliceId, notice, 1_000_000_000_000 + number);
        }
        await notifyAdmins(trx, teamId, { kind: "quota_warning", metadata: {} }, Date.now());
      });
      const path = "/user/notifications";
      const first = (await alice.get(`${path}?limit=2`)).json;
      const numbers = (json: { notifications: { metadata: { number: number } }[] }): number[] =>
        json.notifications.map(({ metadata }) => metadata.number);
      assert.deepEqual([numbers(first), first.additional], [[3, 2], true]);
      const rest = (await alice.get(`${path}?limit=2&next_page=${first.next_page}`)).json;
      assert.deepEqual([numbers(rest), rest.additional], [[1], false]);
      const { id } = first.notifications[0];
      assert.deepEqual((await alice.get(`${path}/${id}`)).json, {
        id,
        organization: "team",
        kind: "org_team_invite",
        created: "Sun, 09 Sep 2001 01:46:40 -0000",
        metadata: { organization: "team", number: 3 },
        dismissed: false,
      });
      assert.equal((await alice.put(`${path}/${id}`, { dismissed: true })).json.dismissed, true);
      assert.deepEqual(numbers((await alice.get(path)).json), [2, 1]);
      assert.deepEqual(numbers((await alice.get(`${path}?dismissed=true`)).json), [3]);
      assert.equal((await alice.put(`${path}/${id}`, {})).json.dismissed, false);
      for (const name of [id, "none"]) {
        assert.equal((await bob.get(`${path}/${name}`)).outcome, "404 NOT_FOUND");
        assert.equal((await bob.put(`${path}/${name}`, { dismissed: true })).status, 404);
      }
      await database.transaction((trx) =>
        withdrawNotice(trx, aliceId, { kind: "org_team_invite", about: "invitation:2" }),
      );
      assert.deepEqual(numbers((await alice.get(path)).json), [3, 1]);
      const admin = (await new ApiClient(registry.admin).get(path)).json;
      assert.deepEqual(
        admin.notifications.map(({ kind }: { kind: string }) => kind),
        ["quota_warning"],
      );
    });

    test("superusers publish messages that everybody reads", async () => {
      let now = Date.now();
      await using registry = await start({ now: () => now++ });
      const admin = new ApiClient(registry.admin);
      const anybody = new ApiClient(registry.client());
      const message = { content: "Back *soon*", media_type: "text/markdown", severity: "warning" };
      const made = await admin.post("/messages", { message });
      assert.equal(made.status, 201);
      await admin.post("/messages", { message: { ...message, content: "Later" } });
      const { messages } = (await anybody.get("/messages")).json;
      assert.deepEqual(
        messages.map(({ content, severity }: Record<string, string>) => [content, severity]),
        [
          ["Later", "warning"],
          ["Back *soon*", "warning"],
        ],
      );
      for (const [field, value] of [
        ["content", ""],
        ["content", "a\0"],
        ["media_type", "text/html"],
        ["severity", "dire"],
      ] as const) {
        const answer = await admin.post("/messages", { message: { ...message, [field]: value } });
        assert.deepEqual([answer.status, answer.json.field], [400, `message.${field}`]);
      }
      const { uuid } = made.json.message;
      assert.equal((await anybody.delete(`/message/${uuid}`)).status, 401);
      assert.equal((await admin.delete(`/message/${uuid}`)).status, 204);
      assert.equal((await admin.delete(`/message/${uuid}`)).outcome, "404 NOT_FOUND");
      assert.equal((await anybody.get("/messages")).json.messages.length, 1);
    });
  });
});
