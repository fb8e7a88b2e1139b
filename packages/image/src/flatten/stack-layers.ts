import type { LayerIndex } from "../layer/layer-index.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { EntryType } from "../tar/entry-type.ts";
import { stackLayer } from "./layer-stack.ts";
import type { StackObserver } from "./layer-stack.ts";
import { buildLayerTree } from "./layer-tree.ts";
import { NO_ENTRY, TreeNode } from "./tree-node.ts";

/** Hears of everything that happens while layers are put onto each other. Layers are counted from 0. */
export interface LayersObserver extends Omit<StackObserver, "warn"> {
  /** An entry that a later one of the same layer replaces. */
  onReplaced(node: TreeNode, layer: number): void;
  warn(rule: number, message: string, path: string | undefined, layer: number): void;
}

/** For those who only want the tree. */
export const UNHEARD: LayersObserver = Object.freeze({
  onHidden() {},
  onChanged() {},
  onAdded() {},
  onReplaced() {},
  warn() {},
});

/**
 * Puts layers onto each other by the rules of `docs/layer-rules.md`.
 *
 * @param layers lowest first
 * @param options `keep`: layers at the bottom that are not squashed
 * @returns the root of the final tree
 * @throws {ImageError} `damaged` when an entry has no meaning
 */
export function stackLayers(
  layers: readonly LayerIndex[],
  options: {
    readonly keep?: number;
    readonly limits?: Limits | undefined;
    readonly observer?: LayersObserver;
  } = {},
): TreeNode {
  const { keep = 0, limits = DEFAULT_LIMITS, observer = UNHEARD } = options;
  const tableOf = (number: number): LayerIndex["table"] => tableAt(layers, number);
  const stack = new TreeNode(undefined, "", EntryType.directory, 0, NO_ENTRY, keep === 0);
  for (const [layer, index] of layers.entries()) {
    for (const { rule, message, path } of index.warnings) observer.warn(rule, message, path, layer);
    const warn = (rule: number, message: string, path: string): void =>
      observer.warn(rule, message, path, layer);
    const tree = buildLayerTree({
      layer,
      fresh: layer >= keep,
      lower: stack,
      pathBytes: limits.pathBytes,
      tableOf,
      warn,
      onReplaced: (node) => observer.onReplaced(node, layer),
    });
    stackLayer(stack, tree, layer, {
      onAdded: (node, by) => observer.onAdded(node, by),
      onChanged: (node, by) => observer.onChanged(node, by),
      onHidden: (node, by) => observer.onHidden(node, by),
      warn,
    });
  }
  return stack;
}

function tableAt(layers: readonly LayerIndex[], layer: number): LayerIndex["table"] {
  const index = layers[layer];
  if (index === undefined) throw new RangeError(`no layer ${layer}`);
  return index.table;
}
