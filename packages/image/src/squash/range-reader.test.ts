import assert from "node:assert/strict";
import { suite, test } from "node:test";

import fc from "fast-check";

import { fileSource } from "../source/file-source.ts";
import { rangeReader } from "./range-reader.ts";
import { Spool } from "../source/spool.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { randomBytes } from "../testing/random-bytes.ts";

const before = 1000;
const content = randomBytes(900_000);

/** Ascending ranges that do not overlap; short ones, and some that are read without a window. */
const ranges = fc
  .array(
    fc.tuple(fc.nat({ max: 60_000 }), fc.oneof(fc.nat({ max: 3000 }), fc.nat({ max: 300_000 }))),
    { maxLength: 30 },
  )
  .map((steps) => {
    let at = 0;
    return steps.flatMap(([gap, length]): [number, number][] => {
      const start = Math.min(content.length, at + gap);
      at = Math.min(content.length, start + length);
      return [[start, at]];
    });
  });

async function inFile(
  check: (source: ReturnType<typeof fileSource>) => Promise<void>,
): Promise<void> {
  await using spool = await Spool.create();
  await spool.write(Buffer.alloc(before, "x"));
  await spool.write(content);
  await spool.write(Buffer.alloc(500_000, "y"));
  await check(fileSource({ fd: spool.fd, offset: before, size: content.length }));
}

async function inMemory(check: (source: ChunkedSource) => Promise<void>): Promise<void> {
  const source = new ChunkedSource(content, { sizes: [1, 100_000, 777, 30_000] });
  await check(source);
  assert.equal(source.closed, source.opened);
}

for (const [where, withSource] of Object.entries({ "a file": inFile, "a stream": inMemory })) {
  suite(`ranges of ${where}`, () => {
    test("ascending ranges are what lies there", () =>
      withSource(async (source) => {
        await fc.assert(
          fc.asyncProperty(ranges, async (wanted) => {
            await using reader = rangeReader(source);
            for (const [start, end] of wanted) {
              const target = Buffer.alloc(end - start);
              await reader.read(start, target);
              assert.ok(target.equals(content.subarray(start, end)), `${start} to ${end}`);
            }
          }),
          { numRuns: 40 },
        );
      }));

    test("a range that reaches behind the end is damage, whatever follows in the file", () =>
      withSource(async (source) => {
        for (const [start, length] of [
          [content.length - 10, 11],
          [content.length - 200_000, 200_001],
          [content.length, 1],
          [content.length + 5, 300_000],
        ] as const) {
          await using reader = rangeReader(source);
          await assert.rejects(reader.read(start, Buffer.alloc(length)), {
            name: "ImageError",
            code: "damaged",
          });
        }
      }));

    test("a reader that was never used can be closed", () =>
      withSource(async (source) => {
        await using reader = rangeReader(source);
        assert.ok(reader);
      }));
  });
}

test("an error of a stream comes through", async () => {
  const failure = new Error("the network is gone");
  const source = new ChunkedSource(content, { sizes: [1000], failAt: 5000, failure });
  await using reader = rangeReader(source);
  await assert.rejects(reader.read(4500, Buffer.alloc(1000)), failure);
});
