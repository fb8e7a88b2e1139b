import assert from "node:assert/strict";
import { test } from "node:test";
import { freeChunk } from "./free-chunk.ts";

test("a chunk gives back memory of its own", () => {
  const chunk = Buffer.alloc(64 * 1024, 1);
  freeChunk(chunk);
  assert.equal(chunk.length, 0);
  assert.equal(chunk.buffer.byteLength, 0);
  freeChunk(chunk);
});

test("a chunk that shares its memory keeps it", () => {
  const whole = Buffer.alloc(100, 1);
  freeChunk(whole.subarray(10, 20));
  assert.equal(whole.length, 100);
  assert.equal(whole[15], 1);

  const shared = new Uint8Array(new SharedArrayBuffer(10));
  freeChunk(shared);
  assert.equal(shared.length, 10);
});
