import assert from "node:assert/strict";
import { suite, test } from "node:test";

import fc from "fast-check";

import { file, link } from "../../test/entries.ts";
import { layerTar } from "../../test/tar-builder.ts";
import type { ByteSource } from "../source/byte-source.ts";
import { flatten } from "../flatten/flatten.ts";
import { ImageError } from "../image-error.ts";
import { indexLayer } from "../layer/index-layer.ts";
import { Spool } from "../source/spool.ts";
import { SquashPlanBuilder } from "../flatten/squash-plan.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { collectSink } from "../testing/collect.ts";
import { plannedIndexes, plannedTars, planOf, planSteps } from "../testing/random-plan.ts";
import { writePlan } from "./write-plan.ts";
import type { PlannedLayer } from "./write-plan.ts";

/** The layers in memory, or in files with a slice. */
async function withLayers(
  storage: "memory" | "file",
  check: (layers: readonly PlannedLayer[]) => Promise<void>,
): Promise<void> {
  await using spools = new AsyncDisposableStack();
  const layers: PlannedLayer[] = [];
  for (const [number, index] of plannedIndexes.entries()) {
    const tar = plannedTars[number] ?? Buffer.alloc(0);
    let content: ByteSource = new ChunkedSource(tar, { sizes: [30_000, 1, 512] });
    if (storage === "file") {
      const spool = spools.use(await Spool.create());
      await spool.write(tar);
      content = spool.source();
    }
    layers.push({ index, content });
  }
  await check(layers);
}

for (const storage of ["memory", "file"] as const) {
  suite(`layers in ${storage === "file" ? "files" : "memory"}`, () => {
    test("any plan writes the bytes it stands for, as many as it says", () =>
      withLayers(storage, async (layers) => {
        await fc.assert(
          fc.asyncProperty(planSteps, async (parts) => {
            const { plan, expected } = planOf(parts);
            assert.equal(plan.size, expected.length);
            assert.ok(
              (await collectSink((sink) => writePlan(plan, layers, sink))).equals(expected),
            );
          }),
          { numRuns: 40 },
        );
      }));

    test("a sink that fails ends it with its error", () =>
      withLayers(storage, async (layers) => {
        const builder = new SquashPlanBuilder();
        for (const [layer, tar] of plannedTars.entries()) builder.range(layer, 0, tar.length);
        const failure = new Error("the disk is full");
        for (const after of [0, 1, 2]) {
          let chunks = 0;
          const sink = async (): Promise<void> => {
            if (chunks++ === after) throw failure;
          };
          await assert.rejects(writePlan(builder.build(), layers, sink), failure);
          assert.equal(chunks, after + 1);
        }
        for (const { content } of layers) {
          if (content instanceof ChunkedSource) assert.equal(content.closed, content.opened);
        }
      }));

    test("a signal ends it with its reason", () =>
      withLayers(storage, async (layers) => {
        const builder = new SquashPlanBuilder();
        builder.zeros(5_000_000);
        const controller = new AbortController();
        const reason = new Error("changed my mind");
        let chunks = 0;
        const sink = async (): Promise<void> => {
          chunks++;
          controller.abort(reason);
        };
        await assert.rejects(writePlan(builder.build(), layers, sink, controller.signal), reason);
        assert.equal(chunks, 1);
      }));

    test("a layer that is shorter than its index says is damage, with its number", () =>
      withLayers(storage, async (layers) => {
        const [first, second, third] = layers;
        assert.ok(first !== undefined && second !== undefined && third !== undefined);
        const { slice } = second.content;
        const content =
          slice === undefined
            ? new ChunkedSource((plannedTars[1] ?? Buffer.alloc(0)).subarray(0, 100_000))
            : { ...second.content, size: 100_000, slice: { ...slice, size: 100_000 } };
        const builder = new SquashPlanBuilder();
        builder.range(0, 0, 1000);
        builder.range(1, 99_000, 101_000);
        const short = [first, { ...second, content }, third];
        await assert.rejects(
          collectSink((sink) => writePlan(builder.build(), short, sink)),
          (error) => {
            assert.ok(error instanceof ImageError);
            assert.deepEqual([error.code, error.place.layer], ["damaged", 2]);
            return true;
          },
        );
      }));
  });
}

test("neighbouring ranges become one, empty parts none", () => {
  const builder = new SquashPlanBuilder();
  builder.range(0, 0, 512);
  builder.range(0, 512, 512);
  builder.zeros(0);
  builder.range(0, 512, 1024);
  builder.range(1, 1024, 2048);
  assert.deepEqual(builder.build(), {
    size: 2048,
    segments: [
      { kind: "range", layer: 0, start: 0, end: 1024 },
      { kind: "range", layer: 1, start: 1024, end: 2048 },
    ],
  });
});

test("a link before its target does not make a plan read backwards", async () => {
  const tar = layerTar([
    link("a", "z"),
    file("m", "other"),
    link("b", "z"),
    file("z", "data"),
    link("c", "z"),
  ]);
  const index = await indexLayer(new ChunkedSource(tar));
  const { plan } = flatten([index]);
  let position = 0;
  for (const segment of plan.segments) {
    if (segment.kind !== "range") continue;
    assert.ok(segment.start >= position, "ranges ascend");
    position = segment.end;
  }
  const content = new ChunkedSource(tar, { sizes: [100] });
  const made = await collectSink((sink) => writePlan(plan, [{ index, content }], sink));
  const { table } = await indexLayer(new ChunkedSource(made));
  assert.deepEqual([...table.type], [0, 0, 1, 1, 1]);
});
