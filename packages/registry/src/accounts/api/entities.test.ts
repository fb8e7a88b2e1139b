import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiClient } from "../../testing/api-client.ts";
import { everyRegistry } from "../../testing/test-registry.ts";

everyRegistry((start) => {
  test("entities are found by their beginning, as far as they are anybody's business", async () => {
    await using registry = await start();
    const alice = new ApiClient(await registry.user("alice"));
    const bob = new ApiClient(await registry.user("bob"));
    for (const name of ["devon", "devin", "deviant", "aldous"]) await registry.user(name);
    await alice.post("/organization", { name: "devcrew" });
    await alice.put("/organization/devcrew/team/devs", { role: "member" });
    await alice.put("/organization/devcrew/team/devs/members/devin");
    for (const short of ["deploy", "dev_bot"]) {
      await alice.put(`/organization/devcrew/robots/${short}`, {});
    }
    await bob.put("/user/robots/dev_own", {});
    const found = async (client: ApiClient, path: string): Promise<string[]> => {
      const { status, json } = await client.get(`/entities/${path}`);
      assert.equal(status, 200, path);
      return json.results.map((entity: Record<string, unknown>) =>
        [entity["name"], entity["kind"], entity["is_robot"] === true ? "robot" : ""]
          .join(" ")
          .trim(),
      );
    };
    const people = ["deviant user", "devin user", "devon user"];
    assert.deepEqual(await found(alice, "dev"), people);
    assert.deepEqual(await found(alice, "DEV?includeTeams=true"), people);
    assert.deepEqual(
      await found(alice, "dev?namespace=devcrew&includeTeams=true&includeOrgs=true"),
      [
        "devs team",
        ...people,
        "devcrew+dev_bot user robot",
        "devcrew+deploy user robot",
        "devcrew org",
      ],
    );
    assert.deepEqual(await found(alice, "dev?namespace=devcrew&robots=false"), people);
    assert.deepEqual(await found(alice, "dep?namespace=devcrew"), ["devcrew+deploy user robot"]);
    assert.deepEqual(await found(alice, "devcrew+dep?namespace=devcrew"), [
      "devcrew+deploy user robot",
    ]);
    // Of others' organizations and robots nothing is told.
    assert.deepEqual(
      await found(bob, "dev?namespace=devcrew&includeTeams=1&includeOrgs=1"),
      people,
    );
    assert.deepEqual(await found(alice, "dev?namespace=bob"), people);
    assert.deepEqual(await found(bob, "dev?namespace=bob"), [...people, "bob+dev_own user robot"]);
    const { json } = await alice.get("/entities/devi?namespace=devcrew");
    assert.deepEqual(
      json.results.map((one: Record<string, unknown>) => [one["name"], one["is_org_member"]]),
      [
        ["deviant", false],
        ["devin", true],
      ],
    );
    for (const none of ["zzz", "%E5%8C%97%E4%BA%AC", "%25", "_", "a'b", "x".repeat(600)]) {
      assert.deepEqual(await found(alice, none), [], none);
    }
    assert.equal((await new ApiClient(registry.client()).get("/entities/dev")).status, 401);
    await registry.database.transaction((trx) =>
      trx.updateTable("accounts").set({ enabled: 0 }).where("name", "=", "devon").execute(),
    );
    assert.deepEqual(await found(alice, "devo"), []);
    for (let more = 0; more < 12; more += 1) await registry.user(`devil${more}`);
    assert.equal((await found(alice, "dev")).length, 10);
    // What is called exactly so is always among them: automation looks for it.
    assert.equal((await found(alice, "devil1"))[0], "devil1 user");
  });
});
