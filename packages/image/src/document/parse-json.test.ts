import assert from "node:assert/strict";
import { test } from "node:test";

import { parseJson } from "./parse-json.ts";

const damaged = { name: "ImageError", code: "damaged" };

test("JSON is bounded in size and depth, and must be UTF-8", () => {
  assert.throws(() => parseJson(Buffer.alloc(20, " "), "it", { jsonBytes: 10 }), { code: "limit" });
  assert.throws(() => parseJson(Buffer.from("[".repeat(100_000)), "it"), { code: "limit" });
  assert.throws(() => parseJson(Buffer.from(`{"a":`), "it"), damaged);
  assert.throws(() => parseJson(Buffer.from([0x22, 0xff, 0x22]), "it"), damaged);
  assert.throws(() => parseJson(Buffer.alloc(0), "it"), damaged);
  const brackets = `"${"[".repeat(1000)}\\"${"{".repeat(1000)}"`;
  assert.equal(parseJson(Buffer.from(brackets), "it"), JSON.parse(brackets));
});
