import assert from "node:assert/strict";
import { test } from "node:test";

import type { Row } from "./measure.ts";
import { median, summarize } from "./summary.ts";

test("the median of an even number of values is the mean of the two in the middle", () => {
  assert.equal(median([9, 1, 3, 100]), 6);
  assert.equal(median([3, 1, 200]), 3);
  assert.throws(() => median([]), RangeError);
});

test("runs are summed up by subject: fastest and middle wall time, highest peak", () => {
  const row = (subject: string, wallSeconds: number, peakBytes: number): Row => ({
    subject,
    kind: "peer",
    round: 1,
    wallSeconds,
    cpuSeconds: wallSeconds * 2,
    peakBytes,
    outputBytes: undefined,
    load: wallSeconds,
  });
  const summaries = summarize([row("a", 3, 10), row("b", 1, 1), row("a", 1, 30), row("a", 2, 20)]);
  assert.deepEqual(
    summaries.map(({ subject, runs, wallMin, wallMedian, cpuMedian, peakBytes, loadMax }) => [
      subject,
      runs,
      wallMin,
      wallMedian,
      cpuMedian,
      peakBytes,
      loadMax,
    ]),
    [
      ["a", 3, 1, 2, 4, 30, 3],
      ["b", 1, 1, 1, 2, 1, 1],
    ],
  );
});
