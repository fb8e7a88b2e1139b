import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import fc from "fast-check";

import { ChunkedSource } from "../testing/chunked-source.ts";
import { collect } from "../testing/collect.ts";
import { randomBytes } from "../testing/random-bytes.ts";
import { plainContent } from "./plain-content.ts";

const content = randomBytes(1_000_000);
const members = Buffer.concat([
  gzipSync(content.subarray(0, 300_000)),
  gzipSync(content.subarray(300_000)),
]);

test("any part of a stored layer is its uncompressed bytes", async () => {
  for (const stored of [content, gzipSync(content), members, zstdCompressSync(content)]) {
    const source = new ChunkedSource(stored, { sizes: [10_000] });
    const plain = await plainContent(source, content.length);
    const place = fc.nat({ max: content.length });
    const property = fc.asyncProperty(place, place, async (one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      assert.ok((await collect(plain.stream(start, end))).equals(content.subarray(start, end)));
    });
    await fc.assert(property, { numRuns: 10 });
    assert.ok((await collect(plain.stream())).equals(content));
    assert.equal(source.closed, source.opened);
  }
});

test("nothing is read behind the end of a part", async () => {
  const source = new ChunkedSource(gzipSync(content), { sizes: [10_000] });
  const plain = await plainContent(source, content.length);
  await collect(plain.stream(10, 20));
  assert.ok(source.handedOut < content.length - 100_000);
});

test("another length, and a wrong checksum behind the last byte, are damage", async () => {
  const stored = gzipSync(content);
  const read = async (bytes: Buffer, size: number): Promise<unknown> =>
    collect((await plainContent(new ChunkedSource(bytes), size)).stream());
  for (const size of [content.length - 1, content.length + 1]) {
    await assert.rejects(read(stored, size), { code: "damaged" });
    await assert.rejects(read(content, size), { code: "damaged" });
  }
  const changed = Buffer.from(stored);
  changed.writeUInt32LE(1, changed.length - 8);
  await assert.rejects(read(changed, content.length), { code: "damaged" });
});
