import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { ImageError } from "../src/image-error.ts";
import { DEFAULT_LIMITS } from "../src/limits.ts";
import { allCases } from "./corpus/all-cases.ts";
import type { CorpusCase, StoredLayer } from "./corpus-case.ts";
import { isStored, tarOf } from "./corpus-layer.ts";
import { type ExpectedTree, writtenTree } from "./expected.ts";
import { expectedTree } from "./reference-model.ts";
import { type Squashed, squash } from "./squash-corpus.ts";
import { squashedTree } from "./tar-tree.ts";
import { readTar } from "./tar-reader.ts";
import { type Tree, describeTree } from "./tree.ts";

describe("corpus", () => {
  for (const example of allCases) {
    test(`${example.name} (rule ${example.rule})`, async () => {
      if (example.error === undefined) await checkTree(example, example.tree);
      else await checkError(example);
    });
  }
});

async function checkTree(example: CorpusCase, tree: ExpectedTree | undefined): Promise<void> {
  assert.ok(tree !== undefined, "a case has a tree or an error");
  const expected = describeTree(writtenTree(tree));
  const squashed = await squash(example, "file");
  assert.deepEqual(describeTree(shownBy(example, squashed)), expected);
  assert.deepEqual(squashed.warningRules, example.warnings ?? [], squashed.warningTexts.join("; "));
  assert.equal(squashed.layer.length, squashed.declaredSize, "the size that was told");
  if (example.entries !== undefined) assert.deepEqual(namesOf(squashed.layer), example.entries);
  for (const other of await Promise.all([squash(example, "file"), squash(example, "memory")])) {
    assert.ok(other.layer.equals(squashed.layer), "the same bytes every time");
  }
  if (example.layers.some(isStored) || example.limits !== undefined) return;
  for (const compress of [gzipSync, zstdCompressSync]) {
    const layers = example.layers.map((layer): StoredLayer => ({
      blob: compress(tarOf(layer)),
      tar: tarOf(layer),
    }));
    const other = await squash({ ...example, layers }, "file");
    assert.ok(other.layer.equals(squashed.layer), `the same bytes from ${compress.name} layers`);
  }
  await checkPartial(example);
}

/** What an engine shows: of the squashed layer, or of the kept layers, the squashed one and those above it. */
function shownBy(example: CorpusCase, { layer }: Squashed): Tree {
  const { keep = 0, to = example.layers.length, layers } = example;
  if (keep === 0 && to === layers.length) return withRoot(squashedTree(layer));
  squashedTree(layer, { markers: keep > 0 });
  return expectedTree([...layers.slice(0, keep).map(tarOf), layer, ...layers.slice(to).map(tarOf)])
    .tree;
}

function withRoot(tree: Tree): Tree {
  return new Map([...writtenTree({}), ...tree]);
}

/** Every case that shows a whole image is also squashed above each of its layers. */
async function checkPartial(example: CorpusCase): Promise<void> {
  if (example.keep !== undefined || example.to !== undefined || example.dropXattr !== undefined)
    return;
  const tars = example.layers.map(tarOf);
  for (let keep = 1; keep < Math.min(4, tars.length); keep += 1) {
    const { layer, declaredSize } = await squash({ ...example, keep }, "file");
    assert.equal(layer.length, declaredSize);
    const shown = describeTree(shownBy({ ...example, keep }, { layer } as Squashed)); // shownBy needs no more of it
    assert.deepEqual(
      shown,
      describeTree(expectedTree(tars, { keep }).tree),
      `above ${keep} kept layers`,
    );
  }
}

async function checkError(example: CorpusCase): Promise<void> {
  const { error } = example;
  assert.ok(error !== undefined);
  await assert.rejects(squash(example, "file"), (thrown) => {
    assert.ok(thrown instanceof ImageError, `an ImageError, not ${String(thrown)}`);
    assert.equal(thrown.code, error.code, thrown.message);
    if (error.layer !== undefined) assert.equal(thrown.place.layer, error.layer, thrown.message);
    for (const text of error.mentions ?? [])
      assert.ok(thrown.message.includes(text), `${text} in: ${thrown.message}`);
    return true;
  });
  await assert.rejects(squash(example, "memory"), ImageError);
}

function namesOf(layer: Buffer): string[] {
  return readTar(layer)
    .entries.map(({ name }) => name.replace(/^\.\/(?=.)/, "").replace(/\/$/, ""))
    .toSorted();
}

test("limits of the cases are like the default but for what they change", () => {
  for (const { limits } of allCases) {
    for (const key of Object.keys(limits ?? {})) assert.ok(key in DEFAULT_LIMITS, key);
  }
});
