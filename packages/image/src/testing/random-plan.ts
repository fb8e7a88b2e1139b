// For tests: plans of any segments over three layers.
import fc from "fast-check";

import { layerTar } from "../../test/tar-builder.ts";
import { SquashPlanBuilder } from "../flatten/squash-plan.ts";
import type { SquashPlan } from "../flatten/squash-plan.ts";
import { indexLayer } from "../layer/index-layer.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import { ChunkedSource } from "./chunked-source.ts";
import { randomBytes } from "./random-bytes.ts";

/** Three layers with many files. */
export const plannedTars = [1, 2, 3].map((number) =>
  layerTar(
    Array.from({ length: 40 }, (_, entry) => ({
      name: `file-${entry}`,
      data: randomBytes(entry * 1500, number + entry),
    })),
  ),
);
export const plannedIndexes: readonly LayerIndex[] = await Promise.all(
  plannedTars.map((tar) => indexLayer(new ChunkedSource(tar))),
);

type Step =
  | { readonly kind: "range"; readonly gap: number; readonly length: number }
  | { readonly kind: "header"; readonly entry: number }
  | { readonly kind: "bytes"; readonly length: number }
  | { readonly kind: "zeros"; readonly length: number };

/** Segments of a plan, for each of its layers. */
export const planSteps: fc.Arbitrary<readonly (readonly Step[])[]> = fc.array(
  fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant("range" as const),
        gap: fc.nat({ max: 200_000 }),
        length: fc.oneof(fc.nat({ max: 2000 }), fc.nat({ max: 500_000 })),
      }),
      fc.record({ kind: fc.constant("header" as const), entry: fc.nat({ max: 39 }) }),
      fc.record({ kind: fc.constant("bytes" as const), length: fc.nat({ max: 3000 }) }),
      fc.record({
        kind: fc.constant("zeros" as const),
        length: fc.oneof(fc.nat({ max: 2000 }), fc.nat({ max: 1_500_000 })),
      }),
    ),
    { maxLength: 12 },
  ),
  { minLength: 1, maxLength: 3 },
);

/** The plan of these steps, and the bytes that it stands for. */
export function planOf(layers: readonly (readonly Step[])[]): {
  plan: SquashPlan;
  expected: Buffer;
} {
  const builder = new SquashPlanBuilder();
  const expected: Buffer[] = [];
  for (const [layer, parts] of layers.entries()) {
    const tar = plannedTars[layer] ?? Buffer.alloc(0);
    let position = 0;
    for (const [number, part] of parts.entries()) {
      if (part.kind === "range") {
        const start = Math.min(tar.length, position + part.gap);
        position = Math.min(tar.length, start + part.length);
        builder.range(layer, start, position);
        expected.push(tar.subarray(start, position));
      } else if (part.kind === "header") {
        const start = plannedIndexes[layer]?.table.headerStart[part.entry] ?? 0;
        builder.header(layer, part.entry, 512);
        expected.push(tar.subarray(start, start + 512));
      } else if (part.kind === "bytes") {
        const bytes = Buffer.alloc(part.length, `${number}.`);
        builder.bytes(bytes);
        expected.push(bytes);
      } else {
        builder.zeros(part.length);
        expected.push(Buffer.alloc(part.length));
      }
    }
  }
  return { plan: builder.build(), expected: Buffer.concat(expected) };
}
