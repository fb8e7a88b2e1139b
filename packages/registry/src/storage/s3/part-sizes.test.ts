import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { evenRanges, MAX_OBJECT, MAX_PARTS, MIN_PART, partSize } from "./part-sizes.ts";

test("10,000 parts hold 5 TiB, and each is small enough for S3", () => {
  let sum = 0;
  for (let part = 1; part <= MAX_PARTS; part++) {
    assert.ok(partSize(part) <= 5 * 1024 ** 3);
    assert.ok(partSize(part) >= partSize(part - 1));
    sum += partSize(part);
  }
  assert.ok(sum >= MAX_OBJECT);
});

test("20 GB are sent in parts as small as those of 20 MB", () => {
  assert.ok(partSize(1) * 2500 > 20e9);
  assert.equal(partSize(2500), partSize(1));
});

test("ranges follow each other to the end, and none is too small for a part", () => {
  const size = fc.integer({ min: MIN_PART, max: 2 ** 42 });
  fc.assert(
    fc.property(size, fc.integer({ min: 2 * MIN_PART, max: 2 ** 32 }), (size, most) => {
      fc.pre(size / most < 20_000);
      const ranges = evenRanges(size, most);
      let at = 0;
      for (const { start, end } of ranges) {
        assert.equal(start, at);
        assert.ok(end - start <= most && (end - start >= MIN_PART || ranges.length === 1));
        at = end;
      }
      assert.equal(at, size);
    }),
  );
});
