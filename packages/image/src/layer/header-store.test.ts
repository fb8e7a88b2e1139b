import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { HeaderStoreReader, HeaderStoreWriter } from "./header-store.ts";
import { randomBytes } from "../testing/random-bytes.ts";

function store(headers: readonly Uint8Array[]) {
  const writer = new HeaderStoreWriter();
  const positions = headers.map((header) => writer.append(header));
  return { positions, blocks: writer.seal() };
}

test("what was appended is read again, in any order", () => {
  const lengths = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 50_000, max: 200_000 })),
    {
      minLength: 1,
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(lengths, fc.infiniteStream(fc.nat()), (sizes, order) => {
      const headers = sizes.map((size, index) => Buffer.alloc(size, `${index} `));
      const { positions, blocks } = store(headers);
      const reader = new HeaderStoreReader(blocks);
      const numbers = [
        ...headers.keys(),
        ...order.take(60).map((number) => number % headers.length),
      ];
      for (const number of numbers) {
        const header = headers[number] ?? Buffer.alloc(0);
        assert.ok(
          reader.read(positions[number] ?? 0, header.length).equals(header),
          `header ${number}`,
        );
      }
    }),
    { numRuns: 30 },
  );
});

test("many like headers take little memory", () => {
  const headers = Array.from({ length: 20_000 }, (_, index) =>
    Buffer.alloc(512, `file-${index}\0`),
  );
  const { positions, blocks } = store(headers);
  const stored = blocks.frames.reduce((sum, { length }) => sum + length, 0);
  assert.ok(stored < (20_000 * 512) / 20, `${stored} bytes`);
  assert.equal(blocks.starts.at(-1), 20_000 * 512);
  const reader = new HeaderStoreReader(blocks);
  for (const number of [0, 19_999, 127, 128, 10_000]) {
    assert.ok(reader.read(positions[number] ?? 0, 512).equals(headers[number] ?? Buffer.alloc(0)));
  }
});

test("each block has its own memory, so that blocks move between threads", () => {
  const { blocks } = store(Array.from({ length: 500 }, (_, index) => randomBytes(512, index + 1)));
  for (const frame of blocks.frames) assert.equal(frame.buffer.byteLength, frame.byteLength);
});

test("a store without headers is empty, and asking for more than there is fails", () => {
  const { blocks } = store([]);
  assert.deepEqual([blocks.frames.length, [...blocks.starts]], [0, [0]]);
  assert.throws(() => new HeaderStoreReader(blocks).read(0, 512), RangeError);
});
