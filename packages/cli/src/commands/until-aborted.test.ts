import assert from "node:assert/strict";
import { test } from "node:test";

import { untilAborted } from "./until-aborted.ts";

test("the result comes through, and so does the error", async () => {
  const { signal } = new AbortController();
  assert.equal(await untilAborted(Promise.resolve(1), signal), 1);
  await assert.rejects(untilAborted(Promise.reject(new Error("no")), signal), /no/);
});

test("the signal ends the wait for what never comes", async () => {
  const controller = new AbortController();
  const waiting = untilAborted(new Promise(() => {}), controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(untilAborted(new Promise(() => {}), controller.signal), /enough/);
});
