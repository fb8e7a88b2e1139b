/** Copies a range of the uncompressed tar stream of a layer. Layers are counted from 0; `end` is exclusive. */
export interface RangeSegment {
  readonly kind: "range";
  readonly layer: number;
  readonly start: number;
  end: number;
}

/** Copies the raw header of an entry from the index of its layer. */
export interface HeaderSegment {
  readonly kind: "header";
  readonly layer: number;
  readonly entry: number;
}

/** Writes bytes that no layer has: a header made anew, a marker. */
export interface BytesSegment {
  readonly kind: "bytes";
  readonly bytes: Uint8Array;
}

/** Writes zero bytes: padding, holes of a sparse file, the end of the archive. */
export interface ZerosSegment {
  readonly kind: "zeros";
  readonly length: number;
}

export type Segment = RangeSegment | HeaderSegment | BytesSegment | ZerosSegment;

/**
 * How to make a squashed layer: segments one after the other. Ranges of one layer ascend and all ranges of a layer
 * come together, so each layer is read at most once, forwards.
 */
export interface SquashPlan {
  readonly segments: readonly Segment[];
  /** Exact length of the layer in bytes. */
  readonly size: number;
}

/** Puts segments together; neighbouring ranges become one. */
export class SquashPlanBuilder {
  readonly #segments: Segment[] = [];
  #size = 0;

  range(layer: number, start: number, end: number): void {
    if (end <= start) return;
    this.#size += end - start;
    const last = this.#segments.at(-1);
    if (last?.kind === "range" && last.layer === layer && last.end === start) last.end = end;
    else this.#segments.push({ kind: "range", layer, start, end });
  }

  header(layer: number, entry: number, length: number): void {
    this.#size += length;
    this.#segments.push({ kind: "header", layer, entry });
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    this.#segments.push({ kind: "bytes", bytes });
  }

  zeros(length: number): void {
    if (length === 0) return;
    this.#size += length;
    this.#segments.push({ kind: "zeros", length });
  }

  build(): SquashPlan {
    return { segments: this.#segments, size: this.#size };
  }
}
