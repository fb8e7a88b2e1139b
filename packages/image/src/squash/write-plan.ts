import type { ByteSink, ByteSource } from "../source/byte-source.ts";
import { HeaderStoreReader } from "../layer/header-store.ts";
import { withPlace } from "../image-error.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import { rangeReader } from "./range-reader.ts";
import type { RangeReader } from "./range-reader.ts";
import type { Segment, SquashPlan } from "../flatten/squash-plan.ts";

/** A layer as a plan needs it. */
export interface PlannedLayer {
  readonly index: LayerIndex;
  /** The uncompressed tar stream. */
  readonly content: ByteSource;
}

/** Bytes handed to the sink at a time. */
const CHUNK = 1024 * 1024;

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
  await using filler = new PlanFiller(plan, layers);
  const length = Math.min(CHUNK, plan.size);
  const buffers = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const;
  let left = plan.size;
  let full = await filler.fill(buffers[0].subarray(0, Math.min(left, length)));
  for (let turn = 1; full.length > 0; turn++) {
    signal?.throwIfAborted();
    left -= full.length;
    const filling = filler.fill(
      buffers[turn % 2 === 0 ? 0 : 1].subarray(0, Math.min(left, length)),
    );
    filling.catch(() => undefined); // told below, after the sink
    try {
      await sink(full);
    } catch (error) {
      await Promise.allSettled([filling]); // its file may be closed as soon as this one has failed
      throw error;
    }
    full = await filling;
  }
}

/** Walks the segments and fills one buffer after the other. */
class PlanFiller implements AsyncDisposable {
  readonly #segments: readonly Segment[];
  readonly #layers: readonly PlannedLayer[];
  readonly #headers = new Map<number, HeaderStoreReader>();
  /** The segment being written, and how much of it is done. */
  #number = 0;
  #done = 0;
  #reader: { layer: number; reader: RangeReader } | undefined;

  constructor(plan: SquashPlan, layers: readonly PlannedLayer[]) {
    this.#segments = plan.segments;
    this.#layers = layers;
  }

  /** @returns the buffer, filled to its last byte */
  async fill(buffer: Buffer): Promise<Buffer> {
    let used = 0;
    while (used < buffer.length) {
      const segment = this.#segments[this.#number];
      if (segment === undefined) throw new RangeError("the plan is shorter than its size");
      const total = this.#lengthOf(segment);
      const length = Math.min(total - this.#done, buffer.length - used);
      const target = buffer.subarray(used, used + length);
      if (segment.kind === "range")
        await this.#readRange(segment.layer, segment.start + this.#done, target);
      else this.#fillFromMemory(segment, target);
      used += length;
      this.#done += length;
      if (this.#done === total) {
        this.#number++;
        this.#done = 0;
      }
    }
    return buffer;
  }

  #lengthOf(segment: Segment): number {
    if (segment.kind === "range") return segment.end - segment.start;
    if (segment.kind === "zeros") return segment.length;
    if (segment.kind === "bytes") return segment.bytes.length;
    return this.#layer(segment.layer).index.table.rawLength[segment.entry] ?? 0;
  }

  #fillFromMemory(segment: Exclude<Segment, { kind: "range" }>, target: Buffer): void {
    if (segment.kind === "zeros") target.fill(0);
    else if (segment.kind === "bytes")
      target.set(segment.bytes.subarray(this.#done, this.#done + target.length));
    else {
      const { table } = this.#layer(segment.layer).index;
      const raw = this.#headerStore(segment.layer).read(
        table.rawStart[segment.entry] ?? 0,
        table.rawLength[segment.entry] ?? 0,
      );
      raw.copy(target, 0, this.#done, this.#done + target.length);
    }
  }

  async #readRange(layer: number, start: number, target: Buffer): Promise<void> {
    if (this.#reader?.layer !== layer) {
      await this.#leaveLayer();
      this.#reader = { layer, reader: rangeReader(this.#layer(layer).content) };
    }
    try {
      await this.#reader.reader.read(start, target);
    } catch (error) {
      throw withPlace(error, { layer: layer + 1 });
    }
  }

  #headerStore(layer: number): HeaderStoreReader {
    return this.#headers.getOrInsertComputed(
      layer,
      () => new HeaderStoreReader(this.#layer(layer).index.headers),
    );
  }

  #layer(layer: number): PlannedLayer {
    const found = this.#layers[layer];
    if (found === undefined) throw new RangeError(`no layer ${layer}`);
    return found;
  }

  /** Layers ascend, so one that was left is not needed again. */
  async #leaveLayer(): Promise<void> {
    const left = this.#reader;
    if (left === undefined) return;
    this.#reader = undefined;
    await left.reader[Symbol.asyncDispose]();
    await this.#layer(left.layer).content.release?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader?.reader[Symbol.asyncDispose]();
  }
}
