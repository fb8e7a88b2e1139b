import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyedMutex } from "./keyed-mutex.ts";
import { Semaphore } from "./semaphore.ts";
import { within } from "./within.ts";

test("work of one key is done one after the other, in the order it came; other keys go on", async () => {
  const mutex = new KeyedMutex();
  const done: string[] = [];
  const first = await mutex.take("a");
  const second = mutex.take("a").then((turn) => (done.push("second"), turn));
  const third = mutex.take("a").then((turn) => (done.push("third"), turn));
  (await mutex.take("b"))[Symbol.dispose]();
  assert.deepEqual(done, []);
  first[Symbol.dispose]();
  const turn = await second;
  assert.deepEqual(done, ["second"]);
  turn[Symbol.dispose]();
  turn[Symbol.dispose](); // twice is once
  (await third)[Symbol.dispose]();
  assert.deepEqual(done, ["second", "third"]);
});

test("no more is done at once than allowed, also after failures", async () => {
  const semaphore = new Semaphore(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const results = await Promise.allSettled(
    Array.from({ length: 9 }, (_, index) =>
      semaphore.run(async () => {
        most = Math.max(most, ++running);
        order.push(index);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (index % 3 === 0) throw new Error("failed");
        return index;
      }),
    ),
  );
  assert.equal(most, 2);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(results.filter(({ status }) => status === "rejected").length, 3);
});

test("what takes too long is not waited for, and what fails says so itself", async () => {
  const late = (): Error => new Error("late");
  const never = Promise.withResolvers<string>();
  await assert.rejects(within(0, never.promise, late), /late/);
  never.reject(new Error("nobody listens any more"));
  assert.equal(await within(60_000, Promise.resolve("done"), late), "done");
  await assert.rejects(within(60_000, Promise.reject(new Error("itself")), late), /itself/);
});
