import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { everyRegistry, startTestRegistry } from "../../testing/test-registry.ts";

const APPS = "/organization/team/applications";

suite("OAuth applications by the API", () => {
  everyRegistry((start) => {
    test("are made, listed, changed, given a new secret, and deleted", async () => {
      await using registry = await start();
      const api = new ApiClient(registry.admin);
      const made = await api.post(APPS, {
        name: "Builder",
        description: "builds",
        application_uri: "https://builder.test",
        redirect_uri: "https://builder.test/callback",
        avatar_email: "builder@builder.test",
      });
      assert.equal(made.status, 200);
      const { client_id: id, client_secret: secret, ...rest } = made.json;
      assert.match(id, /^[0-9a-z]{20}$/);
      assert.match(secret, /^wharf_/);
      assert.deepEqual(rest, {
        name: "Builder",
        description: "builds",
        application_uri: "https://builder.test",
        redirect_uri: "https://builder.test/callback",
        avatar_email: "builder@builder.test",
      });
      assert.deepEqual((await api.get(`${APPS}/${id}`)).json, made.json);
      await api.post(APPS, { name: "Second" });
      await api.post(APPS, { name: "Third" });
      const first = (await api.get(`${APPS}?limit=2`)).json;
      const second = (await api.get(`${APPS}?limit=2&next_page=${first.next_page}`)).json;
      assert.deepEqual(
        [...first.applications, ...second.applications].map(({ name }) => name),
        ["Builder", "Second", "Third"],
      );
      assert.equal(second.next_page, undefined);

      const changes = { name: "Other", redirect_uri: "", application_uri: "" };
      const changed = await api.put(`${APPS}/${id}`, changes);
      assert.deepEqual(changed.json, { ...made.json, ...changes });
      const reset = (await api.post(`${APPS}/${id}/resetclientsecret`)).json;
      assert.notEqual(reset.client_secret, secret);
      assert.deepEqual((await api.get(`${APPS}/${id}`)).json, reset);

      const facts = (await new ApiClient(registry.client()).get(`/app/${id}`)).json;
      assert.deepEqual(
        [facts.name, facts.organization.name, facts.organization.is_admin, facts.avatar.kind],
        ["Other", "team", false, "app"],
      );
      assert.equal(JSON.stringify(facts).includes(reset.client_secret), false);
      assert.equal((await api.get(`/app/${id}`)).json.organization.is_admin, true);

      await registry.organization("other");
      const elsewhere = `/organization/other/applications/${id}`;
      for (const answer of [await api.get(elsewhere), await api.delete(elsewhere)]) {
        assert.equal(answer.outcome, "404 NOT_FOUND");
      }
      const token = await api.post(`${APPS}/${id}/tokens`, { name: "one", scope: "repo:read" });
      assert.equal((await api.delete(`${APPS}/${id}`)).status, 204);
      assert.equal((await api.get(`/app/${id}`)).outcome, "404 NOT_FOUND");
      const client = registry.client(`Bearer ${token.json.token}`);
      assert.equal((await client.get("/v2/")).status, 401);
    });
  });

  test("what is wrong is named, above all where browsers would be sent to", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.admin);
    for (const [body, field] of [
      [{}, "name"],
      [{ name: " " }, "name"],
      [{ name: "a", application_uri: "javascript:alert(1)" }, "application_uri"],
      ...[
        "javascript:alert(1)",
        "data:text/html,hello",
        "//evil.test",
        "/relative",
        "https:",
        "https:evil.test",
        "https://user:secret@builder.test/",
        "https://builder.test/#fragment",
        "https://builder.test/ space",
        'https://builder.test/"onload=',
        "https://builder.test/\r\nX: y",
        "custom:thing",
      ].map((redirect_uri) => [{ name: "a", redirect_uri }, "redirect_uri"] as const),
    ] as const) {
      const { status, json } = await api.post(APPS, body);
      assert.deepEqual([status, json.field], [400, field], JSON.stringify(body));
    }
    for (const redirect_uri of [
      "https://builder.test/callback?tenant=1",
      "http://localhost:8080/",
      "com.example.app:/callback",
    ]) {
      assert.equal((await api.post(APPS, { name: "a", redirect_uri })).status, 200, redirect_uri);
    }
  });

  test("after a change of the key a client secret cannot be shown until it is reset", async () => {
    await using registry = await startTestRegistry();
    const { client_id: id } = (await new ApiClient(registry.admin).post(APPS, { name: "a" })).json;
    await registry.restart({ accounts: { secretKey: "k".repeat(32) } });
    const api = new ApiClient(registry.admin);
    assert.equal((await api.get(`${APPS}/${id}`)).json.client_secret, null);
    const { client_secret: secret } = (await api.post(`${APPS}/${id}/resetclientsecret`)).json;
    assert.equal((await api.get(`${APPS}/${id}`)).json.client_secret, secret);
  });
});
