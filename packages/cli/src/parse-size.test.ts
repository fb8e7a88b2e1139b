import assert from "node:assert/strict";
import { test } from "node:test";

import { parseSize } from "./parse-size.ts";
import { UsageError } from "./usage-error.ts";

test("sizes with and without a unit", () => {
  const cases = {
    "4096": 4096,
    "20GB": 20e9,
    "1.5 GiB": 1.5 * 2 ** 30,
    "7m": 7e6,
    "1kB": 1000,
    "2TiB": 2 * 2 ** 40,
  };
  for (const [text, bytes] of Object.entries(cases))
    assert.equal(parseSize(text, "--size"), bytes, text);
});

test("anything else is an error that shows the form", () => {
  for (const text of [
    "",
    "GB",
    "-1",
    "0",
    "0.1",
    "1e9",
    "10 parsecs",
    "9999999TB",
    "1,5GB",
    "constructor",
    "1 constructor",
  ]) {
    assert.throws(() => parseSize(text, "--size"), UsageError, JSON.stringify(text));
  }
});
