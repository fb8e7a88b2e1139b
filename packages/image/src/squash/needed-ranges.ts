import { packedSegments } from "./plan-segments.ts";
import type { PackedPlan } from "../flatten/packed-plan.ts";

/** What is needed of a layer: stretches of its uncompressed stream, ascending and apart. */
export interface NeededLayer {
  /** Counted from 0. */
  readonly layer: number;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/**
 * What bytes `start` to `end` of a squashed layer are made from, lowest layer first. A layer that is not in it need not
 * even be opened.
 */
export function neededRanges(
  plan: PackedPlan,
  start: number = 0,
  end: number = plan.size,
): NeededLayer[] {
  const segments = packedSegments(plan);
  const needed: { layer: number; starts: number[]; ends: number[] }[] = [];
  let position = 0;
  for (let number = 0; number < segments.count && position < end; number++) {
    const length = segments.lengthOf(number);
    const from = Math.max(start - position, 0);
    const to = Math.min(end - position, length);
    position += length;
    const range = segments.rangeOf(number);
    if (range === undefined || from >= to) continue;
    let last = needed.at(-1);
    if (last?.layer !== range.layer) {
      last = { layer: range.layer, starts: [], ends: [] };
      needed.push(last);
    }
    if (last.ends.at(-1) === range.start + from) last.ends[last.ends.length - 1] = range.start + to;
    else {
      last.starts.push(range.start + from);
      last.ends.push(range.start + to);
    }
  }
  return needed;
}

/** Numbers of the layers that bytes `start` to `end` of a squashed layer are made from, counted from 0. */
export function neededLayers(plan: PackedPlan, start?: number, end?: number): number[] {
  return neededRanges(plan, start, end).map(({ layer }) => layer);
}
