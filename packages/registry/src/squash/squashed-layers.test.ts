import assert from "node:assert/strict";
import { test } from "node:test";

import { imageOf, smallImage, tarOf } from "../testing/test-image.ts";
import { everyRegistry } from "../testing/test-registry.ts";

const LAYERS = [
  tarOf([{ name: "base", data: "base" }]),
  tarOf([{ name: "app", data: "app" }, { name: ".wh.base" }]),
];

everyRegistry((start) => {
  test("images of the same layers share one plan", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "1", imageOf(LAYERS, { config: { author: "one" } }));
    await registry.pushImage("team/app", "2", imageOf(LAYERS, { config: { author: "two" } }));
    await registry.pushImage("team/app", "3", smallImage());
    await registry.settled();
    const plans = await registry.database.read.selectFrom("squash_plans").select("keep").execute();
    assert.equal(plans.length, 2);
    const [one, two] = await Promise.all(
      ["1", "2"].map((tag) => registry.admin.get(`/c1/rootfs/team/app/${tag}`)),
    );
    assert.equal(one?.status, 200);
    assert.deepEqual(one?.body, two?.body);
    assert.ok(!one?.body.includes("base"));
  });

  test("a plan of the same layers does not excuse a config that tells wrong diffIDs", async () => {
    await using registry = await start();
    await registry.pushImage("team/app", "right", imageOf(LAYERS));
    await registry.settled();
    const diffIds = LAYERS.map(() => `sha256:${"0".repeat(64)}`);
    await registry.pushImage("team/app", "wrong", imageOf(LAYERS, { diffIds }));
    const answer = await registry.admin.get("/c1/squash/team/app/wrong");
    assert.equal(answer.status, 422);
    assert.match(answer.body.toString(), /layer [12] has another diffID/);
    assert.equal((await registry.admin.get("/c1/squash/team/app/right")).status, 200);
  });
});
