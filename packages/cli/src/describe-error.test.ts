import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { ImageError } from "@wharf/image";

import { describeError } from "./describe-error.ts";
import { Interrupted } from "./interrupt.ts";
import { TransportError } from "./transports/transport-error.ts";
import { UsageError } from "./usage-error.ts";

const RUNNING = new AbortController().signal;

test("every kind of image error has its exit code", () => {
  const codes = {
    damaged: 3,
    unsupported: 3,
    limit: 3,
    "not-found": 4,
    "invalid-request": 2,
  } as const;
  for (const code of ["damaged", "unsupported", "limit", "not-found", "invalid-request"] as const) {
    assert.equal(describe(new ImageError(code, "x")).exitCode, codes[code]);
  }
});

test("cause, place and next step are told", () => {
  const error = new ImageError("damaged", "gzip data is cut short", {
    layer: 3,
    offset: 512,
    hint: "pull it again",
  });
  assert.deepEqual(describe(error).lines, [
    "wharf: gzip data is cut short (layer 3, offset 512)",
    "next: pull it again",
  ]);
});

test("a transport that denies access exits with 4, others with 1", () => {
  assert.equal(describe(new TransportError("denied", "no")).exitCode, 4);
  assert.equal(describe(new TransportError("unreachable", "no")).exitCode, 1);
  assert.equal(describe(new TransportError("output", "no")).exitCode, 1);
});

test("a wrong command line exits with 2", () => {
  assert.deepEqual(describe(new UsageError("wrong", "right")), {
    lines: ["wharf: wrong", "next: right"],
    exitCode: 2,
  });
});

test("a missing file is told without the jargon of the system", async () => {
  const error = await readFile("/nowhere/image.tar").catch((cause: unknown) => cause);
  assert.deepEqual(describe(error), {
    lines: ["wharf: /nowhere/image.tar: no such file or directory", "next: check the name"],
    exitCode: 4,
  });
});

test("after a signal whatever was thrown is its consequence", () => {
  const controller = new AbortController();
  controller.abort(new Interrupted("SIGINT", 130));
  const { lines, exitCode } = describeError(new Error("read ECONNRESET"), controller.signal, true);
  assert.deepEqual(lines, ["wharf: ended by SIGINT"]);
  assert.equal(exitCode, 130);
});

test("a stack is shown only when asked for", () => {
  const error = new TypeError("x is not a function", { cause: new Error("deep") });
  assert.equal(describe(error).lines.length, 2);
  assert.match(describe(error).lines[0] ?? "", /x is not a function: deep/);
  assert.match(
    describeError(error, RUNNING, true).lines.join("\n"),
    /at .*describe-error\.test\.ts[^]*caused by:/,
  );
});

test("control characters in a message are shown, not obeyed", () => {
  assert.equal(
    describe(new ImageError("not-found", "no \u001b]0;owned\u0007")).lines[0],
    "wharf: no \\x1b]0;owned\\x07",
  );
});

test("what is no error at all is told too", () => {
  assert.deepEqual(describe("odd"), { lines: ["wharf: odd"], exitCode: 1 });
});

function describe(error: unknown) {
  return describeError(error, RUNNING, false);
}
