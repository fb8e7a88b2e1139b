import type { PackedPlan } from "../flatten/packed-plan.ts";
import type { ByteSink, ByteSource } from "../source/byte-source.ts";
import { drainPlan } from "./drain-plan.ts";
import { LayersAhead } from "./layers-ahead.ts";
import { neededRanges } from "./needed-ranges.ts";
import { PlanFiller } from "./plan-filler.ts";
import { packedSegments } from "./plan-segments.ts";

/** Which part of a squashed layer is wanted. */
export interface WriteSquashedLayerOptions {
  /** First byte; default 0. */
  readonly start?: number | undefined;
  /** Behind the last byte; default the size of the plan. */
  readonly end?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a squashed layer, or a part of it, from stored layers as they are: gzip, zstd or plain. Always the same bytes.
 * A layer of which nothing is needed is not touched, the others are read forwards up to the last byte that is needed;
 * the next layer is inflated while one is written. Takes some 50 MiB of memory at most.
 *
 * Digests are not verified again: they were when the layers were indexed.
 *
 * @param blobs stored bytes of the layers, lowest first, open until the promise settles; those that `neededLayers` does
 *   not name may be undefined
 * @throws {ImageError} `damaged`, naming the layer, when it is corrupt or shorter than its index says
 */
export async function writeSquashedLayer(
  plan: PackedPlan,
  blobs: readonly (ByteSource | undefined)[],
  sink: ByteSink,
  options: WriteSquashedLayerOptions = {},
): Promise<void> {
  const { start = 0, end = plan.size, signal } = options;
  if (!(start >= 0 && start <= end && end <= plan.size))
    throw new RangeError(`no bytes ${start} to ${end} in a layer of ${plan.size}`);
  await using layers = new LayersAhead(neededRanges(plan, start, end), blobs, signal);
  const filler = new PlanFiller(packedSegments(plan), (layer) => layers.readerOf(layer), start);
  await drainPlan(filler, end - start, sink, signal);
}
