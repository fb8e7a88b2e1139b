import assert from "node:assert/strict";
import { mkdtempDisposable, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import fc from "fast-check";

import { file, whiteout } from "../../test/entries.ts";
import { layerTar } from "../../test/tar-builder.ts";
import { flatten } from "../flatten/flatten.ts";
import { packPlan } from "../flatten/packed-plan.ts";
import type { PackedPlan } from "../flatten/packed-plan.ts";
import { SquashPlanBuilder } from "../flatten/squash-plan.ts";
import type { SquashPlan } from "../flatten/squash-plan.ts";
import { ImageError } from "../image-error.ts";
import { indexLayer } from "../layer/index-layer.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { fileSource } from "../source/file-source.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { collectSink } from "../testing/collect.ts";
import { randomBytes } from "../testing/random-bytes.ts";
import { plannedIndexes, plannedTars, planOf, planSteps } from "../testing/random-plan.ts";
import { neededLayers } from "./needed-ranges.ts";
import { writeSquashedLayer } from "./write-squashed-layer.ts";

type Compress = (bytes: Buffer) => Buffer;

const members: Compress = (bytes) =>
  Buffer.concat([gzipSync(bytes.subarray(0, 100_000)), gzipSync(bytes.subarray(100_000))]);
const plain: Compress = (bytes) => bytes;

const forms: Readonly<Record<string, readonly Compress[]>> = {
  gzip: [gzipSync, gzipSync, gzipSync],
  "gzip in members, before garbage": [
    members,
    (bytes) => Buffer.concat([members(bytes), Buffer.from("garbage")]),
    members,
  ],
  zstd: [zstdCompressSync, zstdCompressSync, zstdCompressSync],
  plain: [plain, plain, plain],
  "some of each": [plain, gzipSync, zstdCompressSync],
};

/** The layers as they are stored, in memory or in a file. */
async function withBlobs(
  stored: readonly Buffer[],
  storage: "memory" | "file",
  check: (blobs: readonly ByteSource[]) => Promise<void>,
): Promise<void> {
  if (storage === "memory") {
    const sources = stored.map((bytes) => new ChunkedSource(bytes, { sizes: [30_000, 1, 512] }));
    await check(sources);
    for (const { closed, opened } of sources) assert.equal(closed, opened, "a source is open");
    return;
  }
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-squash-"));
  await using archive = await open(join(folder.path, "blobs"), "w+");
  let offset = 0;
  const sources: ByteSource[] = [];
  for (const bytes of stored) {
    await archive.writeFile(bytes);
    sources.push(fileSource({ fd: archive.fd, offset, size: bytes.length }));
    offset += bytes.length;
  }
  await check(sources);
}

function packed(plan: SquashPlan): PackedPlan {
  return packPlan(plan, plannedIndexes);
}

/** All of the three layers. */
function everything(): PackedPlan {
  const builder = new SquashPlanBuilder();
  for (const [layer, tar] of plannedTars.entries()) builder.range(layer, 0, tar.length);
  return packed(builder.build());
}

for (const [form, compress] of Object.entries(forms)) {
  for (const storage of ["memory", "file"] as const) {
    test(`any part of any plan is written from stored layers, ${form}, ${storage}`, () => {
      const stored = plannedTars.map((tar, layer) => compress[layer]?.(tar) ?? tar);
      return withBlobs(stored, storage, async (blobs) => {
        const property = fc.asyncProperty(
          planSteps,
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          async (steps, one, other) => {
            const { plan, expected } = planOf(steps);
            const start = Math.floor(Math.min(one, other) * plan.size);
            const end = Math.ceil(Math.max(one, other) * plan.size);
            for (const range of [{}, { start, end }, { start: end }]) {
              const made = await collectSink((sink) =>
                writeSquashedLayer(packed(plan), blobs, sink, range),
              );
              assert.ok(made.equals(expected.subarray(range.start, range.end)));
            }
          },
        );
        await fc.assert(property, { numRuns: 8 });
      });
    });
  }
}

suite("layers of which nothing is needed", () => {
  const tars = [
    layerTar([file("a", "a".repeat(100_000)), { name: "b", data: randomBytes(3_000_000) }]),
    layerTar([file("dead", "d".repeat(10_000))]),
    layerTar([whiteout("dead"), whiteout("b")]),
  ];

  test("are not opened", async () => {
    const indexes = await Promise.all(tars.map((tar) => indexLayer(new ChunkedSource(tar))));
    const plan = packPlan(flatten(indexes).plan, indexes);
    assert.deepEqual(neededLayers(plan), [0]);
    const first = new ChunkedSource(gzipSync(tars[0] ?? ""), { sizes: [4096] });
    const others = [1, 2].map((layer) => new ChunkedSource(gzipSync(tars[layer] ?? "")));
    const made = await collectSink((sink) =>
      writeSquashedLayer(plan, [first, others[0], others[1]], sink),
    );
    assert.equal(made.length, plan.size);
    assert.deepEqual(
      others.map(({ opened }) => opened),
      [0, 0],
    );
    assert.ok(first.handedOut < first.size / 2, "inflating ends behind the last byte needed");
  });

  test("may be missing, those that are needed may not", async () => {
    const [tar] = plannedTars;
    const builder = new SquashPlanBuilder();
    builder.range(1, 0, 1000);
    const blobs = [undefined, new ChunkedSource(plannedTars[1] ?? Buffer.alloc(0))];
    const made = await collectSink((sink) =>
      writeSquashedLayer(packed(builder.build()), blobs, sink),
    );
    assert.equal(made.length, 1000);
    const needed = writeSquashedLayer(
      everything(),
      [new ChunkedSource(tar ?? made)],
      async () => {},
    );
    await assert.rejects(needed, RangeError);
  });

  test("only the layers of a range are named for it", () => {
    const plan = everything();
    const [first = 0, second = 0] = plannedTars.map(({ length }) => length);
    assert.deepEqual(neededLayers(plan), [0, 1, 2]);
    assert.deepEqual(neededLayers(plan, first, first + 1), [1]);
    assert.deepEqual(neededLayers(plan, first - 1, first + second), [0, 1]);
    assert.deepEqual(neededLayers(plan, 5, 5), []);
  });
});

test("a plain layer that is no file is asked for what is needed only", async () => {
  const tar = layerTar([{ name: "large", data: randomBytes(9_000_000) }, file("last", "data")]);
  const index = await indexLayer(new ChunkedSource(tar));
  const builder = new SquashPlanBuilder();
  builder.range(0, 0, 1000);
  builder.range(0, 3000, 4000);
  builder.range(0, tar.length - 2048, tar.length);
  const source = new ChunkedSource(tar, { sizes: [512] });
  const plan = packPlan(builder.build(), [index]);
  const made = await collectSink((sink) => writeSquashedLayer(plan, [source], sink));
  assert.equal(made.length, 4048);
  assert.ok(source.handedOut < 10_000, `${source.handedOut} bytes were read`);
});

test("layers ahead are read as far as memory allows, no further", async () => {
  const zeros = gzipSync(Buffer.alloc(120_000_000));
  const source = new ChunkedSource(zeros, { sizes: [1000] });
  const builder = new SquashPlanBuilder();
  builder.range(0, 0, 2_000_000);
  builder.range(1, 0, 120_000_000);
  const { promise: stalled, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  let written = 0;
  const writing = writeSquashedLayer(
    packed(builder.build()),
    [new ChunkedSource(Buffer.alloc(2_000_000)), source],
    async ({ length }) => {
      written += length;
      start();
      await stalled;
    },
  );
  await started;
  let before = -1;
  while (before !== source.handedOut) {
    before = source.handedOut;
    await new Promise((resolve) => setTimeout(resolve, 100)); // until nothing moves any more
  }
  assert.ok(before > 0 && before < zeros.length / 2, `${before} of ${zeros.length} were read`);
  goOn();
  await writing;
  assert.equal(written, 122_000_000);
});

suite("a transfer that does not end", () => {
  const stored = plannedTars.map((tar) => gzipSync(tar));

  test("a sink that fails ends it with its error", () =>
    withBlobs(stored, "memory", async (blobs) => {
      const failure = new Error("the client is gone");
      let chunks = 0;
      const sink = async (): Promise<void> => {
        if (++chunks === 2) throw failure;
      };
      await assert.rejects(writeSquashedLayer(everything(), blobs, sink), failure);
    }));

  test("a signal ends it with its reason", () =>
    withBlobs(stored, "memory", async (blobs) => {
      const reason = new Error("changed my mind");
      const controller = new AbortController();
      const sink = async (): Promise<void> => controller.abort(reason);
      const { signal } = controller;
      await assert.rejects(writeSquashedLayer(everything(), blobs, sink, { signal }), reason);
      const ended = writeSquashedLayer(everything(), blobs, sink, { signal });
      await assert.rejects(ended, reason);
    }));

  test("an error of a source comes through as it is", async () => {
    const failure = new Error("the store is gone");
    const blobs = stored.map((bytes, layer) =>
      layer === 1
        ? new ChunkedSource(bytes, { sizes: [1000], failAt: 50_000, failure })
        : new ChunkedSource(bytes),
    );
    await assert.rejects(
      writeSquashedLayer(everything(), blobs, async () => {}),
      failure,
    );
    for (const { closed, opened } of blobs) assert.equal(closed, opened);
  });

  test("a damaged, a truncated and a short layer are damage, with its number", async () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = stored;
    const broken = Buffer.from(second);
    broken.fill(0xff, 30_000, 31_000);
    const damages: Buffer[] = [
      broken,
      second.subarray(0, 60_000),
      gzipSync((plannedTars[1] ?? first).subarray(0, 90_000)),
      (plannedTars[1] ?? first).subarray(0, 90_000),
      Buffer.alloc(0),
    ];
    for (const storage of ["memory", "file"] as const) {
      for (const damage of damages) {
        await withBlobs([first, damage, first], storage, async (blobs) => {
          const writing = writeSquashedLayer(everything(), blobs, async () => {});
          await assert.rejects(writing, (error) => {
            assert.ok(error instanceof ImageError, String(error));
            assert.deepEqual([error.code, error.place.layer], ["damaged", 2]);
            return true;
          });
        });
      }
    }
  });

  test("a part that the layer does not have is an error of the caller", async () => {
    const blobs = stored.map((bytes) => new ChunkedSource(bytes));
    const plan = everything();
    for (const range of [{ start: -1 }, { end: plan.size + 1 }, { start: 2, end: 1 }])
      await assert.rejects(
        writeSquashedLayer(plan, blobs, async () => {}, range),
        RangeError,
      );
  });
});
