import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { ImageError } from "../src/image-error.ts";
import { writtenTree } from "./expected.ts";
import { randomLayers } from "./random-layers.ts";
import { ModelError } from "./reference-layer.ts";
import { type Expected, expectedTree } from "./reference-model.ts";
import { squash } from "./squash-corpus.ts";
import { type EntrySpec, layerTar } from "./tar-builder.ts";
import { squashedTree } from "./tar-tree.ts";
import { type Tree, describeTree } from "./tree.ts";

const SEED = Number(process.env["WHARF_TEST_SEED"] ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env["WHARF_TEST_RUNS"] ?? 300);

test(`random stacks of layers flatten to what the reference model says (WHARF_TEST_SEED=${SEED})`, async () => {
  const property = fc.asyncProperty(randomLayers, async (layers) => {
    const expected = modelOf(layers);
    if (expected === "tangled") return await settles(squash({ layers }, "memory"));
    if (expected === undefined) return assert.rejects(squash({ layers }, "memory"), ImageError);
    const { layer, declaredSize, warningRules } = await squash({ layers }, "memory");
    assert.equal(layer.length, declaredSize);
    const shown: Tree = new Map([...writtenTree({}), ...squashedTree(layer)]);
    assert.deepEqual(describeTree(shown), describeTree(expected.tree));
    assert.deepEqual(warningRules, rulesOf(expected));
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS });
});

test(`random partial squashes look like the whole image (WHARF_TEST_SEED=${SEED})`, async () => {
  const range = fc.record({ keep: fc.nat({ max: 3 }), above: fc.nat({ max: 2 }) });
  const property = fc.asyncProperty(
    randomLayers,
    range,
    async (layers, { keep: wanted, above }) => {
      const keep = Math.min(wanted, layers.length - 1);
      const to = Math.max(keep + 1, layers.length - above);
      const expected = modelOf(layers, { keep, to });
      if (expected === "tangled") return await settles(squash({ layers, keep, to }, "memory"));
      if (expected === undefined) return;
      const { layer, declaredSize } = await squash({ layers, keep, to }, "memory");
      assert.equal(layer.length, declaredSize);
      squashedTree(layer, { markers: keep > 0 });
      const tars = layers.map(layerTar);
      const shown = expectedTree([...tars.slice(0, keep), layer, ...tars.slice(to)]);
      assert.deepEqual(describeTree(shown.tree), describeTree(expected.tree));
    },
  );
  await fc.assert(property, { seed: SEED, numRuns: RUNS });
});

/** An image comes out, or an error that says why not. */
async function settles(squashing: Promise<unknown>): Promise<void> {
  await squashing.catch((error: unknown) => assert.ok(error instanceof ImageError));
}

/**
 * Undefined when the rules call the image meaningless. Tangled is a layer in which links that come before their target
 * depend on each other or are overwritten (rule 22): every engine refuses it, and which of their headers holds is open.
 */
function modelOf(
  layers: readonly (readonly EntrySpec[])[],
  range: { keep?: number; to?: number } = {},
): Expected | "tangled" | undefined {
  try {
    const expected = expectedTree(layers.map(layerTar), range);
    return expected.warnings.some(({ rule }) => rule === 22) ? "tangled" : expected;
  } catch (error) {
    if (error instanceof ModelError) return error.rule === 22 ? "tangled" : undefined;
    throw error;
  }
}

function rulesOf({ warnings }: Expected): number[] {
  return [...new Set(warnings.map(({ rule }) => rule))].toSorted((a, b) => a - b);
}
