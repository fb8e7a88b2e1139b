import { HeaderStoreReader, HeaderStoreWriter } from "../layer/header-store.ts";
import type { HeaderBlocks } from "../layer/header-store.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import type { Segment, SquashPlan } from "./squash-plan.ts";

/** In {@link PackedPlan.source}: the bytes are among the literals. */
export const LITERAL = -1;
/** In {@link PackedPlan.source}: the bytes are zeros. */
export const ZEROS = -2;

/**
 * A {@link SquashPlan} that stands for itself: in columns, and with all bytes that no range of a layer has. It needs no
 * index any more, can be stored and move between threads.
 */
export interface PackedPlan {
  /** Exact length of the layer in bytes. */
  readonly size: number;
  /** For each segment the layer its bytes come from, counted from 0, or {@link LITERAL} or {@link ZEROS}. */
  readonly source: Int32Array;
  /** Where they start in the uncompressed stream of the layer, or among the literals. */
  readonly start: Float64Array;
  /** Bytes. */
  readonly length: Float64Array;
  /** Headers and markers, in blocks. */
  readonly literals: HeaderBlocks;
}

/** @param indexes that the plan was made from */
export function packPlan(plan: SquashPlan, indexes: readonly LayerIndex[]): PackedPlan {
  const count = plan.segments.length;
  const source = new Int32Array(count);
  const start = new Float64Array(count);
  const length = new Float64Array(count);
  const literals = new HeaderStoreWriter();
  const bytesOf = literalReader(indexes);
  for (const [number, segment] of plan.segments.entries()) {
    if (segment.kind === "range") {
      source[number] = segment.layer;
      start[number] = segment.start;
      length[number] = segment.end - segment.start;
    } else if (segment.kind === "zeros") {
      source[number] = ZEROS;
      length[number] = segment.length;
    } else {
      const bytes = bytesOf(segment);
      source[number] = LITERAL;
      start[number] = literals.append(bytes);
      length[number] = bytes.length;
    }
  }
  return { size: plan.size, source, start, length, literals: literals.seal() };
}

function literalReader(
  indexes: readonly LayerIndex[],
): (segment: Extract<Segment, { kind: "bytes" | "header" }>) => Uint8Array {
  const readers = indexes.map(({ headers }) => new HeaderStoreReader(headers));
  return (segment) => {
    if (segment.kind === "bytes") return segment.bytes;
    const { table } = indexes[segment.layer] ?? {};
    const reader = readers[segment.layer];
    if (reader === undefined || table === undefined)
      throw new RangeError(`no layer ${segment.layer}`);
    return reader.read(table.rawStart[segment.entry] ?? 0, table.rawLength[segment.entry] ?? 0);
  };
}
