import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";

import { abortOnSignals, Interrupted } from "./interrupt.ts";

for (const [name, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  test(`${name} aborts with exit code ${code}`, () => {
    const emitter = new EventEmitter();
    const signal = abortOnSignals(
      emitter,
      () => assert.fail("the first signal must not exit"),
      () => 0,
    );
    emitter.emit(name);
    assert.ok(signal.reason instanceof Interrupted);
    assert.equal(signal.reason.exitCode, code);
  });
}

test("a second signal exits at once, an echo of the first does not", () => {
  const emitter = new EventEmitter();
  const exits: number[] = [];
  let now = 0;
  abortOnSignals(
    emitter,
    (code) => exits.push(code),
    () => now,
  );
  emitter.emit("SIGINT");
  now = 20;
  emitter.emit("SIGINT");
  assert.deepEqual(exits, []);
  now = 1000;
  emitter.emit("SIGTERM");
  assert.deepEqual(exits, [143]);
});
