import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { boundedMetadata } from "./bounded-metadata.ts";

test("what entries are usually about stays as it is", () => {
  const metadata = { tag: "v1", manifest_digest: "sha256:1", tags: ["a", "b"], n: 1, gone: null };
  assert.deepEqual(boundedMetadata(metadata), metadata);
});

test("secrets are left out, wherever they stand", () => {
  assert.deepEqual(
    boundedMetadata({ user: "alice", Password: "x", config: { client_secret: "y", id: "z" } }),
    { user: "alice", config: { id: "z" } },
  );
});

test("texts and lists are cut, and what is too long keeps its short fields", () => {
  const { tag, tags } = boundedMetadata({
    tag: "x".repeat(5000),
    tags: Array.from({ length: 500 }, String),
  });
  assert.equal(String(tag).length, 1000);
  assert.equal((tags as unknown[]).length, 100);
  const long = Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [`field${at}`, "x".repeat(900)]),
  );
  assert.deepEqual(boundedMetadata({ tag: "v1", ...long }), { tag: "v1", shortened: true });
});

test("whatever comes, the result is short JSON that every database takes", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.anything()), (metadata) => {
      const text = JSON.stringify(boundedMetadata(metadata));
      assert.ok(text.length <= 32_768);
      assert.ok(!text.includes(String.raw`\u0000`));
      assert.ok(text.isWellFormed());
      assert.ok(!/\\ud[89a-f]/.test(text));
    }),
  );
});
