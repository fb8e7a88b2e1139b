import assert from "node:assert/strict";
import { test } from "node:test";

import { changeText } from "./change-text.ts";
import { countText, numberText } from "./count-text.ts";
import { durationText } from "./duration-text.ts";
import { sizeText } from "./size-text.ts";

test("a size has three significant digits and decimal units", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [9994, "9.99 kB"],
    [9995, "10.0 kB"],
    [99_949, "99.9 kB"],
    [99_950, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [676_100_000, "676 MB"],
    [1_234_000_000, "1.23 GB"],
    [Number.MAX_SAFE_INTEGER, "9.01 PB"],
  ];
  for (const [bytes, text] of cases) assert.equal(sizeText(bytes), text, String(bytes));
});

test("a change is told in percent of what was there", () => {
  const cases: [number, number, string][] = [
    [676, 600, "-11 %"],
    [600, 676, "+13 %"],
    [100, 100, "0 %"],
    [0, 0, "0 %"],
    [1000, 995, "-0.5 %"],
    [1000, 1009, "+0.9 %"],
    [1000, 990, "-1 %"],
    [100, 0, "-100 %"],
    [1_000_000, 999_999, "-0 %"],
  ];
  for (const [before, after, text] of cases)
    assert.equal(changeText(before, after), text, `${before} ${after}`);
});

test("a count has commas and the right noun", () => {
  assert.equal(countText(0, "layer"), "0 layers");
  assert.equal(countText(1, "layer"), "1 layer");
  assert.equal(countText(1234, "layer"), "1,234 layers");
  assert.equal(numberText(1_234_567), "1,234,567");
});

test("a time left is rounded up", () => {
  assert.equal(durationText(0), "1 s");
  assert.equal(durationText(59.2), "1 min 0 s");
  assert.equal(durationText(125), "2 min 5 s");
  assert.equal(durationText(4800), "1 h 20 min");
});
