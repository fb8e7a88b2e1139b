import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { WorkQueue } from "./work-queue.ts";

suite("the queue of costly work", () => {
  test("runs a few at a time, in order, and refuses what does not fit", async () => {
    const queue = new WorkQueue(2, 3);
    const steps = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
    const started: number[] = [];
    let active = 0;
    let most = 0;
    const runs = steps.map((step, i) =>
      queue.run(async () => {
        started.push(i);
        active += 1;
        most = Math.max(most, active);
        await step.promise;
        active -= 1;
        if (i === 1) throw new Error("failed");
        return i;
      }),
    );
    await assert.rejects(runs[5] ?? Promise.resolve(), {
      code: "UNAVAILABLE",
      headers: { "Retry-After": "2" },
    });
    assert.deepEqual(started, [0, 1]);
    for (const { resolve } of steps) resolve();
    const outcomes = await Promise.allSettled(runs.slice(0, 5));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"],
    );
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
    assert.equal(most, 2);
    assert.equal(await queue.run(async () => "free again"), "free again");
  });
});
