import assert from "node:assert/strict";
import { test } from "node:test";

import type { DeadWeight, LayerReport, SquashReport, SquashWarning } from "@wharf/image";

import { deadWeightLines } from "./dead-weight-lines.ts";
import { displayWidth } from "./display-width.ts";
import { layerLines } from "./layer-lines.ts";
import { planLines } from "./plan-lines.ts";
import { summaryLine } from "./summary-line.ts";
import { warningLines } from "./warning-lines.ts";

const REPORT: SquashReport = {
  layersBefore: 12,
  layersAfter: 2,
  bytesBefore: 676_100_000,
  bytesAfter: 599_900_000,
  keptBase: 1,
  layers: [layer(1, "ADD file:0 in /"), layer(2, `RUN ${"apt-get install ".repeat(40)}`)],
  deadWeight: [dead("usr/lib/python2.7", 40_000_000)],
  warnings: [],
};

test("the summary tells layers and sizes before and after", () => {
  assert.equal(
    summaryLine("python:2.7.11", REPORT),
    "python:2.7.11  12 layers, 676 MB -> 2 layers, 600 MB (-11 %)",
  );
  const same = { ...REPORT, layersBefore: 1, layersAfter: 1, bytesAfter: REPORT.bytesBefore };
  assert.equal(
    summaryLine("a:1", same),
    "a:1  1 layer, 676 MB: nothing to squash, written as it is",
  );
});

test("at most ten lines of warnings, with a count of the rest", () => {
  const warnings = Array.from({ length: 1234 }, (_, index) => warning(index + 1));
  const lines = warningLines(warnings, false);
  assert.equal(lines.length, 10);
  assert.equal(lines[0], "warning: layer 1, a: odd (rule 25)");
  assert.equal(lines.at(-1), "warning: 1,225 more warnings, shown with -verbose");
  assert.equal(warningLines(warnings, true).length, 1234);
  assert.equal(warningLines(warnings.slice(0, 10), false).length, 10);
  assert.deepEqual(warningLines([], false), []);
});

test("the plan fits the terminal", () => {
  const plan = {
    label: "a:1",
    platform: { os: "linux", architecture: "arm64" },
    names: ["b:1"],
    report: REPORT,
  };
  for (const width of [80, 120]) {
    const lines = planLines({ ...plan, to: 12 }, width);
    for (const line of lines) assert.ok(displayWidth(line) <= width, line);
    assert.ok(lines.includes("  squash  layers 2 to 12 into one, beside layer 1 as before"));
    assert.ok(lines.includes("  names   b:1"));
  }
  const middle = planLines({ ...plan, to: 10 }, 80);
  assert.ok(
    middle.includes(
      "  squash  layers 2 to 10 into one, beside layer 1 and layers 11 to 12 as before",
    ),
  );
});

test("the table of layers fits 80 columns even with long commands and large numbers", () => {
  for (const line of layerLines([...REPORT.layers, { ...layer(127, "x"), added: 8_000_000 }], 80)) {
    assert.ok(displayWidth(line) <= 80, line);
  }
});

test("dead weight shows the largest and sums up the rest", () => {
  const deadWeight = [3, 2, 1].map((size) => dead(`opt/${size}`, size * 1000));
  const lines = deadWeightLines(deadWeight, 1, 80);
  assert.match(lines[1] ?? "", /^ +3\.00 kB +2 +3 {2}\/opt\/3$/);
  assert.equal(lines[2], "and 2 more paths with 3.00 kB");
});

function layer(number: number, createdBy: string): LayerReport {
  return {
    number,
    size: 338_000_000,
    storedSize: 100_000_000,
    entries: 10,
    added: 6661,
    changed: 12,
    hidden: 3,
    contributedBytes: 300_000_000,
    wastedBytes: 38_000_000,
    createdBy,
  };
}

function dead(path: string, bytes: number): DeadWeight {
  return { path, layer: 2, hiddenBy: 3, bytes };
}

function warning(number: number): SquashWarning {
  return { layer: number, path: "a", message: "odd", rule: 25 };
}
