import assert from "node:assert/strict";
import { test } from "node:test";

import { allCases } from "./corpus/all-cases.ts";
import { tarOf } from "./corpus-layer.ts";
import { writtenTree } from "./expected.ts";
import { expectedTree } from "./reference-model.ts";
import { describeTree } from "./tree.ts";

/** Faults of tar and compression form, of limits and of the config: below or above what the model judges. */
const BEYOND_THE_MODEL = new Set([30, 33, 44, 45, 46, 50]);

for (const {
  name,
  rule,
  layers,
  tree,
  error,
  warnings = [],
  keep = 0,
  to,
  dropXattr,
} of allCases) {
  if (dropXattr !== undefined || (error !== undefined && BEYOND_THE_MODEL.has(rule))) continue;
  test(`the reference model agrees with the hand-written case: ${name}`, () => {
    const model = (): ReturnType<typeof expectedTree> =>
      expectedTree(layers.map(tarOf), { keep, to: to ?? layers.length });
    if (tree === undefined) {
      assert.throws(model);
      return;
    }
    assert.deepEqual(describeTree(model().tree), describeTree(writtenTree(tree)));
    const known = new Set(model().warnings.map((warning) => warning.rule));
    assert.deepEqual(
      [...known].toSorted((a, b) => a - b),
      warnings.filter((number) => number !== 44),
    );
  });
}

test("the hand-written cases cover the rules", () => {
  const covered = new Set(allCases.map(({ rule }) => rule));
  const missing = Array.from({ length: 52 }, (_, index) => index + 1).filter(
    (rule) => !covered.has(rule),
  );
  assert.deepEqual(missing, [52], "rule 52 is about choosing an image: platforms.test.ts");
});
