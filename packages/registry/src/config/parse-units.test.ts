import assert from "node:assert/strict";
import { test } from "node:test";

import { parseDuration } from "./parse-duration.ts";
import { parseSize } from "./parse-size.ts";

test("sizes are bytes, decimal or binary, in any case", () => {
  for (const [text, bytes] of [
    ["0", 0],
    ["4096", 4096],
    ["10kB", 10_000],
    ["64KiB", 65_536],
    ["1.5GiB", 1_610_612_736],
    ["20gib", 21_474_836_480],
    ["2 TB", 2e12],
    ["100B", 100],
  ] as const) {
    assert.equal(parseSize(text), bytes, text);
  }
});

test("what is no size is refused", () => {
  for (const text of [
    "",
    "-1",
    "1k",
    "1.5",
    "1e3",
    "GiB",
    "1 G i B",
    "9999999999TiB",
    "0x10",
    "NaN",
  ]) {
    assert.equal(parseSize(text), undefined, text);
  }
});

test("durations are milliseconds, and their parts add up", () => {
  for (const [text, milliseconds] of [
    ["0", 0],
    ["500ms", 500],
    ["30s", 30_000],
    ["1h30m", 5_400_000],
    ["14d", 1_209_600_000],
    ["2w", 1_209_600_000],
  ] as const) {
    assert.equal(parseDuration(text), milliseconds, text);
  }
});

test("what is no duration is refused", () => {
  for (const text of ["", "10", "-1s", "1.5h", "1h 30m", "m", "1y", "11000d", "999999999999w"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});
