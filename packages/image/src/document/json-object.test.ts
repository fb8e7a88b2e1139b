import assert from "node:assert/strict";
import { test } from "node:test";

import { JsonObject } from "./json-object.ts";

const object = (value: unknown): JsonObject => new JsonObject(value, "the document");
const damaged = { name: "ImageError", code: "damaged" };

test("fields are read with their types", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const read = object({
    text: "x",
    size: 3,
    list: ["a"],
    map: { k: "v" },
    inner: { n: 1 },
    rows: [{ n: 2 }],
    digest,
  });
  assert.equal(read.string("text"), "x");
  assert.equal(read.integer("size"), 3);
  assert.deepEqual(read.strings("list"), ["a"]);
  assert.deepEqual(read.stringMap("map"), { k: "v" });
  assert.equal(read.requiredObject("inner").integer("n"), 1);
  assert.deepEqual(
    read.objects("rows").map((row) => row.integer("n")),
    [2],
  );
  assert.equal(read.digest("digest"), digest);
});

test("null counts as absent, as Go writes empty lists", () => {
  const read = object({ a: null });
  assert.equal(read.has("a"), false);
  assert.equal(read.string("a"), undefined);
  assert.deepEqual(read.strings("a"), []);
  assert.equal(read.stringMap("a"), undefined);
  assert.throws(() => read.requiredString("a"), /the document has no "a"/);
});

test("what objects inherit is no field", () => {
  const read = object({});
  for (const name of ["constructor", "toString", "__proto__"])
    assert.equal(read.has(name), false, name);
});

test("a field of another type is refused by name", () => {
  const read = object({ a: { b: 1 }, n: -1, f: 1.5, l: [1] });
  assert.throws(() => read.string("a"), /the document: "a" is an object, a string is needed/);
  assert.throws(() => read.stringMap("a"), damaged);
  assert.throws(() => read.strings("a"), damaged);
  assert.throws(() => read.integer("n"), damaged);
  assert.throws(() => read.integer("f"), damaged);
  assert.throws(() => read.strings("l"), damaged);
  assert.throws(() => read.objects("l"), damaged);
  assert.throws(() => read.object("l"), damaged);
  for (const value of [null, [], "x", 1]) assert.throws(() => object(value), damaged);
});

test("control characters of foreign text do not reach a message", () => {
  assert.throws(
    () => object({ n: "\u001b[31m\u202e" }).integer("n"),
    (error: Error) => !/[\u001b\u202e]/.test(error.message),
  );
});
