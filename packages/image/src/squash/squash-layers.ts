import { flatten } from "../flatten/flatten.ts";
import type { Flattened } from "../flatten/flatten.ts";
import type { SquashPlan } from "../flatten/squash-plan.ts";
import { ImageError } from "../image-error.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import type { ConfigChange } from "./squash-config.ts";
import { layerCommands } from "./squash-config.ts";
import type { LayerReport, SquashReport } from "./squash-report.ts";

/** Which layers are squashed, and what is said of it. */
export interface SquashOptions {
  /** Layers at the bottom that stay as they are; default 0. */
  readonly keep?: number | undefined;
  /** The layer, counted from the bottom, up to which is squashed; default all. Layers above stay. */
  readonly to?: number | undefined;
  /** `keep` (default): the history entry of the squashed layer lists the commands behind it; `scrub`: it does not. */
  readonly history?: "keep" | "scrub" | undefined;
  /** Leaves out extended attributes by name, such as `security.selinux`. */
  readonly dropXattr?: ((name: string) => boolean) | undefined;
}

/** What becomes of the layers of an image. */
export interface SquashedLayers {
  /** Of the layer in the place of those that are squashed; undefined when none are. */
  readonly plan: SquashPlan | undefined;
  /** What `squashConfig` needs to know. */
  readonly change: ConfigChange;
  readonly report: SquashReport;
}

/**
 * Squashes layers `keep + 1` to `to` of an image, by their indexes alone.
 *
 * @param config of the image, for the report
 * @param indexes of all layers, lowest first
 * @throws {ImageError} `damaged` when an entry has no meaning, `invalid-request` for a range of layers that is none
 */
export function squashLayers(
  config: Uint8Array,
  indexes: readonly LayerIndex[],
  options: SquashOptions = {},
): SquashedLayers {
  const { keep = 0, to = indexes.length, history = "keep", dropXattr } = options;
  if (keep < 0 || to > indexes.length || keep > to) {
    throw new ImageError(
      "invalid-request",
      `cannot squash layers ${keep + 1} to ${to} of ${indexes.length}`,
      {
        hint: "layers are counted from the bottom; the last one to squash must lie above those that stay",
      },
    );
  }
  const change = { layers: indexes.length, keep, to, history };
  const flattened = flatten(indexes, { keep, to, dropXattr });
  return {
    plan: to > keep ? flattened.plan : undefined,
    change,
    report: report(config, indexes, flattened, change),
  };
}

function report(
  config: Uint8Array,
  indexes: readonly LayerIndex[],
  flattened: Flattened,
  { keep, to }: ConfigChange,
): SquashReport {
  const commands = layerCommands(config, indexes.length);
  const isSquashed = to > keep;
  const kept = indexes.filter((_, layer) => layer < keep || layer >= to);
  return {
    layersBefore: indexes.length,
    layersAfter: kept.length + (isSquashed ? 1 : 0),
    bytesBefore: totalSize(indexes),
    bytesAfter: totalSize(kept) + (isSquashed ? flattened.plan.size : 0),
    keptBase: keep,
    layers: indexes.map((index, layer) =>
      layerReport(index, flattened, layer, commands[layer] ?? ""),
    ),
    deadWeight: flattened.deadWeight,
    warnings: flattened.warnings,
  };
}

function totalSize(indexes: readonly LayerIndex[]): number {
  return indexes.reduce((sum, { size }) => sum + size, 0);
}

function layerReport(
  index: LayerIndex,
  flattened: Flattened,
  layer: number,
  createdBy: string,
): LayerReport {
  const effect = flattened.effects[layer] ?? { added: 0, changed: 0, hidden: 0 };
  // Layers above the squashed ones are not flattened; they stay whole.
  const contributedBytes = flattened.contributedBytes[layer] ?? index.size;
  return {
    number: layer + 1,
    size: index.size,
    storedSize: index.storedSize,
    entries: index.table.count,
    ...effect,
    contributedBytes,
    wastedBytes: index.size - contributedBytes,
    createdBy,
  };
}
