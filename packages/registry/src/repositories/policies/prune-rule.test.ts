import assert from "node:assert/strict";
import { test } from "node:test";
import { pruneRule, pruneValues } from "./prune-rule.ts";
import type { PruneWish } from "./prune-rule.ts";
import { tagPattern } from "./tag-pattern.ts";

const NOW = 1_000_000_000_000;
const DAY = 86_400_000;
const NAMES = ["v3", "ci-3", "v2", "ci-2", "v1", "ci-1"];

async function taken(wish: Partial<PruneWish>): Promise<string[]> {
  const values = await pruneValues({
    method: "number_of_tags",
    value: 1,
    pattern: undefined,
    matches: true,
    ...wish,
  });
  const rule = await pruneRule(values, NOW);
  // The latest first, a day apart.
  return NAMES.filter((name, age) => rule.takes(name, NOW - age * DAY));
}

test("by number the latest of those that are meant stay", async () => {
  assert.deepEqual(await taken({ value: 4 }), ["v1", "ci-1"]);
  assert.deepEqual(await taken({ value: "2", pattern: "^ci" }), ["ci-1"]);
  assert.deepEqual(await taken({ value: 1, pattern: "-", matches: false }), ["v2", "v1"]);
  assert.deepEqual(await taken({ value: 6 }), []);
});

test("by age the older ones of those that are meant go", async () => {
  const method = "creation_date";
  assert.deepEqual(await taken({ method, value: "3d" }), ["v1", "ci-1"]);
  assert.deepEqual(await taken({ method, value: "24h", pattern: "^v" }), ["v2", "v1"]);
  assert.deepEqual(await taken({ method, value: "1y" }), []);
});

test("patterns take linear time, and are small", async () => {
  const pattern = await tagPattern("^(a+)+$", "tagPattern");
  const began = performance.now();
  assert.equal(pattern.isIn(`${"a".repeat(127)}!`), false);
  assert.ok(performance.now() - began < 100);
  for (const text of ["(", "(?=a)", "\\1", "(.{0,30}){0,30}", "((a{100}){10}){10}"]) {
    await assert.rejects(tagPattern(text, "tagPattern"), {
      code: "PARAMETER_INVALID",
      message: /^tagPattern: /,
    });
  }
});
