import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiClient } from "../testing/api-client.ts";
import { startTestRegistry } from "../testing/test-registry.ts";

suite("the API", () => {
  test("paths that are none and methods that are not for a path are problems", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.client());
    const none = await api.get("/nothing/here");
    assert.equal(none.outcome, "404 NOT_FOUND");
    assert.equal(none.json.error_type, "not_found");
    assert.equal(none.headers["content-type"], "application/problem+json");
    const wrong = await api.post("/error/not_found");
    assert.equal(wrong.outcome, "405 UNSUPPORTED");
    assert.equal(wrong.headers["allow"], "GET, HEAD");
    assert.equal((await api.get("/error/not_found/")).json.title, "not_found");
  });

  test("an answer that has not changed is not sent again", async () => {
    await using registry = await startTestRegistry();
    const api = new ApiClient(registry.client());
    const { headers } = await api.get("/error/not_found");
    const etag = String(headers["etag"]);
    assert.equal((await api.get("/error/not_found", { "if-none-match": etag })).status, 304);
    assert.equal((await api.get("/error/not_found", { "if-none-match": '"x"' })).status, 200);
    assert.equal(headers["ratelimit-limit"], "3000");
  });
});
