import { LITERAL, ZEROS } from "../flatten/packed-plan.ts";
import type { PackedPlan } from "../flatten/packed-plan.ts";
import type { Segment, SquashPlan } from "../flatten/squash-plan.ts";
import { HeaderStoreReader } from "../layer/header-store.ts";
import type { LayerIndex } from "../layer/layer-index.ts";

/** The segments of a plan as its writer sees them, numbered from 0. */
export interface PlanSegments {
  readonly count: number;
  /** Bytes. */
  lengthOf(segment: number): number;
  /** Where a range starts in its layer; undefined for bytes that no layer has. */
  rangeOf(segment: number): { readonly layer: number; readonly start: number } | undefined;
  /** Fills the target with bytes that no layer has, from a position in the segment on. */
  fill(segment: number, from: number, target: Buffer): void;
}

/** @param indexes that the plan was made from */
export function planSegments(plan: SquashPlan, indexes: readonly LayerIndex[]): PlanSegments {
  const headers = new Map<number, HeaderStoreReader>();
  const { segments } = plan;
  const at = (number: number): Segment => {
    const segment = segments[number];
    if (segment === undefined) throw new RangeError(`no segment ${number}`);
    return segment;
  };
  const indexOf = (layer: number): LayerIndex => {
    const index = indexes[layer];
    if (index === undefined) throw new RangeError(`no layer ${layer}`);
    return index;
  };
  return {
    count: segments.length,
    lengthOf(number) {
      const segment = at(number);
      if (segment.kind === "range") return segment.end - segment.start;
      if (segment.kind === "zeros") return segment.length;
      if (segment.kind === "bytes") return segment.bytes.length;
      return indexOf(segment.layer).table.rawLength[segment.entry] ?? 0;
    },
    rangeOf(number) {
      const segment = at(number);
      return segment.kind === "range" ? segment : undefined;
    },
    fill(number, from, target) {
      const segment = at(number);
      if (segment.kind === "bytes") target.set(segment.bytes.subarray(from, from + target.length));
      else if (segment.kind === "header") {
        const { layer, entry } = segment;
        const { table, headers: blocks } = indexOf(layer);
        const reader = headers.getOrInsertComputed(layer, () => new HeaderStoreReader(blocks));
        const raw = reader.read(table.rawStart[entry] ?? 0, table.rawLength[entry] ?? 0);
        raw.copy(target, 0, from, from + target.length);
      } else target.fill(0);
    },
  };
}

/** The same of a plan that stands for itself. */
export function packedSegments(plan: PackedPlan): PlanSegments {
  const { source, start, length } = plan;
  const literals = new HeaderStoreReader(plan.literals);
  return {
    count: source.length,
    lengthOf: (number) => length[number] ?? 0,
    rangeOf(number) {
      const layer = source[number] ?? ZEROS;
      return layer < 0 ? undefined : { layer, start: start[number] ?? 0 };
    },
    fill(number, from, target) {
      if (source[number] !== LITERAL) target.fill(0);
      else literals.read((start[number] ?? 0) + from, target.length).copy(target);
    },
  };
}
