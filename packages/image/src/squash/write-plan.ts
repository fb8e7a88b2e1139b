import type { SquashPlan } from "../flatten/squash-plan.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import type { ByteSink, ByteSource } from "../source/byte-source.ts";
import { drainPlan } from "./drain-plan.ts";
import { PlanFiller } from "./plan-filler.ts";
import { planSegments } from "./plan-segments.ts";
import { placedReader, rangeReader } from "./range-reader.ts";
import type { RangeReader } from "./range-reader.ts";

/** A layer as a plan needs it. */
export interface PlannedLayer {
  readonly index: LayerIndex;
  /** The uncompressed tar stream. */
  readonly content: ByteSource;
}

/**
 * Makes the squashed layer: writes the segments of a plan one after the other, always the same bytes. While the sink
 * works on one chunk the next one is read; two chunks are all the memory it takes.
 *
 * @param layers of the flattened image, lowest first
 * @throws {ImageError} `damaged` when a layer is shorter than its index says
 *
 * @example
 * await using source = await openImagePath("python.tar");
 * await using indexed = await indexImage(selectImage(source));
 * const { plan } = flatten(indexed.layers.map(({ index }) => index));
 * let written = 0;
 * await writePlan(plan, indexed.layers, async (chunk) => {
 *   written += chunk.length;
 * });
 * written === plan.size; // => true
 */
export async function writePlan(
  plan: SquashPlan,
  layers: readonly PlannedLayer[],
  sink: ByteSink,
  signal?: AbortSignal,
): Promise<void> {
  await using readers = new ContentReaders(layers);
  const segments = planSegments(
    plan,
    layers.map(({ index }) => index),
  );
  const filler = new PlanFiller(segments, (layer) => readers.readerOf(layer));
  await drainPlan(filler, plan.size, sink, signal);
}

/** Layers ascend, so one that was left is not needed again. */
class ContentReaders implements AsyncDisposable {
  readonly #layers: readonly PlannedLayer[];
  #open: { content: ByteSource; reader: RangeReader } | undefined;

  constructor(layers: readonly PlannedLayer[]) {
    this.#layers = layers;
  }

  async readerOf(layer: number): Promise<RangeReader> {
    await this.#leaveLayer();
    const content = this.#layers[layer]?.content;
    if (content === undefined) throw new RangeError(`no layer ${layer}`);
    const reader = placedReader(rangeReader(content), layer);
    this.#open = { content, reader };
    return reader;
  }

  async #leaveLayer(): Promise<void> {
    const left = this.#open;
    if (left === undefined) return;
    this.#open = undefined;
    await left.reader[Symbol.asyncDispose]();
    await left.content.release?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.reader[Symbol.asyncDispose]();
  }
}
