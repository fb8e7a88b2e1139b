import { entryBytes, FlattenObserver } from "./flatten-observer.ts";
import type { LayerEffect } from "./flatten-observer.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import { stackLayers } from "./stack-layers.ts";
import { findSurvivors } from "./survivors.ts";
import type { Survivors } from "./survivors.ts";
import type { Limits } from "../limits.ts";
import { planLayer } from "./plan-layer.ts";
import type { SquashPlan } from "./squash-plan.ts";
import type { DeadWeight, SquashWarning } from "../squash/squash-report.ts";

/** Which layers become one. */
export interface FlattenOptions {
  /** Layers at the bottom that stay; default 0. The plan then hides what the squashed layers hid of them. */
  readonly keep?: number;
  /** Layers up to this one, from the bottom, are squashed; default all. Layers above stay. */
  readonly to?: number;
  /** Extended attributes for which this is true are left out. Names without the `SCHILY.xattr.` prefix of tar. */
  readonly dropXattr?: ((name: string) => boolean) | undefined;
  /** Those the layers were indexed with. */
  readonly limits?: Limits | undefined;
}

/** The result of flattening. Layers are counted from 0. */
export interface Flattened {
  readonly plan: SquashPlan;
  readonly effects: readonly LayerEffect[];
  /** For each layer, the tar bytes that the flattened image still needs. */
  readonly contributedBytes: readonly number[];
  readonly deadWeight: readonly DeadWeight[];
  readonly warnings: readonly SquashWarning[];
}

/**
 * Flattens the layers `keep` to `to` into the plan of one layer, by the rules of `docs/layer-rules.md`. Works on the
 * indexes alone; no layer is read.
 *
 * @param indexes of all layers up to `to`, lowest first
 * @throws {ImageError} `damaged` when an entry has no meaning
 *
 * @example
 * await using source = await openImagePath("python.tar");
 * await using indexed = await indexImage(selectImage(source));
 * const { plan, deadWeight } = flatten(indexed.layers.map(({ index }) => index));
 * plan.size; // => 5120
 * deadWeight[0]; // => { path: "usr/lib/python.o", layer: 1, hiddenBy: 3, bytes: 20992 }
 */
export function flatten(indexes: readonly LayerIndex[], options: FlattenOptions = {}): Flattened {
  const keep = options.keep ?? 0;
  const layers = indexes.slice(0, options.to ?? indexes.length);
  if (keep < 0 || keep > layers.length)
    throw new RangeError(`cannot keep ${keep} of ${layers.length} layers`);
  const tables = layers.map(({ table }) => table);
  const observer = new FlattenObserver(tables);
  const stack = stackLayers(layers, { keep, limits: options.limits, observer });
  const survivors = findSurvivors(stack, layers);
  const plan = planLayer(stack, survivors, layers, { keep, dropXattr: options.dropXattr });
  return {
    plan,
    effects: observer.effects,
    contributedBytes: survivors.map((survivor, layer) => contributed(survivor, layers[layer])),
    deadWeight: observer.deadWeight(),
    warnings: observer.warnings,
  };
}

function contributed({ names, inodes }: Survivors, index: LayerIndex | undefined): number {
  if (index === undefined) return 0;
  let bytes = 0;
  for (const [entry, node] of names.entries()) {
    if (node !== undefined || inodes.has(entry)) bytes += entryBytes(index.table, entry);
  }
  return bytes;
}
