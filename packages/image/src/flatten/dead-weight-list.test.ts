import assert from "node:assert/strict";
import { test } from "node:test";

import { DeadWeightList } from "./dead-weight-list.ts";

test("the largest rows are kept, in a fixed order", () => {
  const list = new DeadWeightList();
  const count = 30_000;
  for (let row = 0; row < count; row++)
    list.add((row * 7919) % count, row % 5, 5, () => `path-${row}`);
  const rows = list.rows();
  assert.equal(rows.length, 1000);
  assert.deepEqual(
    rows.map(({ bytes }) => bytes),
    Array.from({ length: 1000 }, (_, rank) => count - 1 - rank),
  );
});

test("rows that are too small to be shown cost no text", () => {
  const list = new DeadWeightList();
  let texts = 0;
  for (let row = 0; row < 100_000; row++) {
    list.add(100_000 - row, 0, 1, () => {
      texts++;
      return `path-${row}`;
    });
  }
  assert.ok(texts < 20_000, `${texts} texts were made`);
  assert.equal(list.rows().length, 1000);
});

test("layers are counted from 1, equal rows are in the order of layer and path, empty ones are left out", () => {
  const list = new DeadWeightList();
  list.add(512, 1, 2, () => "b");
  list.add(512, 0, 1, () => "c");
  list.add(512, 1, 2, () => "a");
  list.add(0, 0, 1, () => "nothing");
  assert.deepEqual(list.rows(), [
    { path: "c", layer: 1, hiddenBy: 2, bytes: 512 },
    { path: "a", layer: 2, hiddenBy: 3, bytes: 512 },
    { path: "b", layer: 2, hiddenBy: 3, bytes: 512 },
  ]);
});
