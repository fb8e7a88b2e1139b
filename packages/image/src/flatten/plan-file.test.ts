import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";

import fc from "fast-check";

import { ImageError } from "../image-error.ts";
import { plannedIndexes, planOf, planSteps } from "../testing/random-plan.ts";
import { packPlan } from "./packed-plan.ts";
import { decodePlan, encodePlan, PLAN_VERSION } from "./plan-file.ts";

/** Bytes before the checksummed part. */
const HEAD = 16;

test("any plan is the same after it was stored", () => {
  const property = fc.property(planSteps, (steps) => {
    const packed = packPlan(planOf(steps).plan, plannedIndexes);
    assert.deepEqual(decodePlan(encodePlan(packed)), packed);
  });
  fc.assert(property, { numRuns: 100 });
});

test("bytes that are no plan are refused", () => {
  const [steps] = fc.sample(planSteps, { numRuns: 1, seed: 7 });
  const stored = encodePlan(packPlan(planOf(steps ?? []).plan, plannedIndexes));
  for (let length = 0; length < stored.length; length += 7)
    assert.throws(() => decodePlan(stored.subarray(0, length)), { code: "damaged" });
  const other = Buffer.from(stored);
  other.writeUInt32LE(PLAN_VERSION + 1, 8);
  assert.throws(() => decodePlan(other), { name: "ImageError", code: "unsupported" });
});

test("a changed plan with a right checksum is refused, or adds up all the same", () => {
  const property = fc.property(
    planSteps,
    fc.nat(),
    fc.integer({ min: 1, max: 255 }),
    (steps, at, bits) => {
      const stored = Buffer.from(encodePlan(packPlan(planOf(steps).plan, plannedIndexes)));
      const place = HEAD + (at % (stored.length - HEAD));
      stored[place] = (stored[place] ?? 0) ^ bits;
      stored.writeUInt32LE(crc32(stored.subarray(HEAD)), 12);
      try {
        const plan = decodePlan(stored);
        assert.equal(
          plan.length.reduce((sum, length) => sum + length, 0),
          plan.size,
        );
      } catch (error) {
        assert.ok(error instanceof ImageError, String(error));
      }
    },
  );
  fc.assert(property, { numRuns: 400 });
});
