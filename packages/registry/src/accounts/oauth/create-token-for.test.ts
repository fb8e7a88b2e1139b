import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { everyRegistry } from "../../testing/test-registry.ts";
import { OPERATOR } from "../admin/actor.ts";
import { createApplication } from "./applications.ts";
import { createOauthTokenFor } from "./create-token-for.ts";

everyRegistry((start) => {
  test("the operator makes tokens for others, within what they may give, and the log says so", async () => {
    await using registry = await start();
    const { administration } = registry;
    await registry.user("alice");
    const { clientId } = await createApplication(administration, OPERATOR, "team", { name: "app" });
    const make = (user: string, scope: string) =>
      createOauthTokenFor(
        administration,
        OPERATOR,
        { organization: "team", clientId },
        { user, name: "ci", scope },
      );
    await assert.rejects(make("alice", "super:user"), { code: "DENIED" });
    await assert.rejects(make("nobody", "repo:read"), { status: 404 });
    await assert.rejects(make("team", "repo:read"), { status: 404 });
    const { token, secret } = await make("alice", "user:read");
    assert.equal(token.createdBy, "alice");
    const asAlice = new ApiClient(registry.client(`Bearer ${secret}`));
    assert.equal((await asAlice.get("/user/")).json.username, "alice");

    await registry.settled();
    const admin = new ApiClient(registry.admin);
    const { json } = await admin.get("/organization/team/logs?kind=create_oauth_api_token");
    assert.deepEqual(
      json.logs.map(({ performer }: { performer: { name: string } }) => performer.name),
      ["operator"],
    );
  });
});
