import type { PlanSegments } from "./plan-segments.ts";
import type { RangeReader } from "./range-reader.ts";

/** Finds the reader of a layer; layers are asked for in ascending order, each once. */
export type ReaderOf = (layer: number) => Promise<Pick<RangeReader, "read">>;

/** Walks the segments of a plan and fills one buffer after the other. */
export class PlanFiller {
  readonly #segments: PlanSegments;
  readonly #readerOf: ReaderOf;
  /** The segment being written, and how much of it is done. */
  #number = 0;
  #done = 0;
  #layer = -1;
  #reader: Pick<RangeReader, "read"> | undefined;

  /** @param start byte of the plan to start with */
  constructor(segments: PlanSegments, readerOf: ReaderOf, start = 0) {
    this.#segments = segments;
    this.#readerOf = readerOf;
    this.#done = start;
    while (this.#number < segments.count && this.#done >= segments.lengthOf(this.#number))
      this.#done -= segments.lengthOf(this.#number++);
  }

  /** @returns the buffer, filled to its last byte */
  async fill(buffer: Buffer): Promise<Buffer> {
    let used = 0;
    while (used < buffer.length) {
      if (this.#number >= this.#segments.count)
        throw new RangeError("the plan is shorter than its size");
      const total = this.#segments.lengthOf(this.#number);
      const length = Math.min(total - this.#done, buffer.length - used);
      const target = buffer.subarray(used, used + length);
      const range = this.#segments.rangeOf(this.#number);
      if (range === undefined) this.#segments.fill(this.#number, this.#done, target);
      else await this.#read(range.layer, range.start + this.#done, target);
      used += length;
      this.#done += length;
      if (this.#done === total) {
        this.#number++;
        this.#done = 0;
      }
    }
    return buffer;
  }

  async #read(layer: number, start: number, target: Buffer): Promise<void> {
    if (this.#layer !== layer) {
      this.#reader = await this.#readerOf(layer);
      this.#layer = layer;
    }
    await this.#reader?.read(start, target);
  }
}
