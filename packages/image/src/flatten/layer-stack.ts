import { EntryType } from "../tar/entry-type.ts";
import { NO_ENTRY, TreeNode, pathOf } from "./tree-node.ts";

/** Hears what a layer does to the layers below it. Layers are counted from 0. */
export interface StackObserver {
  /** A subtree of the stack is hidden by `layer`, with all that is in it. */
  onHidden(node: TreeNode, layer: number): void;
  /** A name of the stack gets another content or, for a directory, other metadata; told before it happens. */
  onChanged(node: TreeNode, layer: number): void;
  /** A subtree comes to a place where the stack had nothing. */
  onAdded(node: TreeNode, layer: number): void;
  warn(rule: number, message: string, path: string): void;
}

/**
 * Puts the tree of a layer onto the stack of the layers below, as overlay does: directories merge, everything else
 * replaces what is below with all that is in it. The layer's nodes become part of the stack.
 */
export function stackLayer(
  stack: TreeNode,
  layerRoot: TreeNode,
  layer: number,
  observer: StackObserver,
): void {
  new Stacking(layer, layerRoot.fresh, observer).merge(stack, layerRoot);
}

class Stacking {
  readonly #layer: number;
  readonly #observer: StackObserver;
  /** Whether the layer is squashed: only what it hides of kept layers needs a marker. */
  readonly #fresh: boolean;

  constructor(layer: number, fresh: boolean, observer: StackObserver) {
    this.#layer = layer;
    this.#fresh = fresh;
    this.#observer = observer;
  }

  merge(lower: TreeNode, upper: TreeNode): void {
    if (upper.opaque) this.#hideAll(lower);
    for (const name of upper.whiteouts ?? []) {
      const child = lower.children?.get(name);
      if (child !== undefined) this.#hide(lower, child);
    }
    if (upper.entry !== NO_ENTRY) this.#updateMetadata(lower, upper);
    for (const child of upper.children?.values() ?? []) this.#put(lower, child);
  }

  #hideAll(lower: TreeNode): void {
    // Engines with overlay ignore an opaque marker in the root, so there each name is hidden for itself.
    if (this.#fresh && !lower.fresh && lower.parent !== undefined) {
      lower.emptied = true;
      lower.lost = undefined;
    }
    for (const child of lower.children?.values() ?? []) this.#hide(lower, child);
  }

  #updateMetadata(lower: TreeNode, upper: TreeNode): void {
    this.#observer.onChanged(lower, this.#layer);
    lower.layer = upper.layer;
    lower.entry = upper.entry;
    lower.moved = upper.moved;
  }

  #put(parent: TreeNode, upper: TreeNode): void {
    const lower = parent.children?.get(upper.name);
    if (lower === undefined) {
      if (upper.real) this.#adopt(parent, upper);
      return;
    }
    if (lower.kind === EntryType.directory && upper.kind === EntryType.directory) {
      this.merge(lower, upper);
      return;
    }
    if (upper.entry === NO_ENTRY && lower.kind === EntryType.symlink) {
      this.#observer.warn(
        25,
        "a directory that the layer only implies hides a symlink of a lower layer",
        pathOf(lower),
      );
    }
    this.#replace(parent, lower, upper);
  }

  #adopt(parent: TreeNode, upper: TreeNode): void {
    this.#attach(parent, upper);
    this.#observer.onAdded(upper, this.#layer);
  }

  #replace(parent: TreeNode, lower: TreeNode, upper: TreeNode): void {
    this.#observer.onChanged(lower, this.#layer);
    this.#lose(parent, lower);
    for (const child of lower.children?.values() ?? []) this.#observer.onHidden(child, this.#layer);
    this.#attach(parent, upper);
    for (const child of upper.children?.values() ?? []) this.#observer.onAdded(child, this.#layer);
  }

  #hide(parent: TreeNode, child: TreeNode): void {
    this.#lose(parent, child);
    parent.children?.delete(child.name);
    this.#observer.onHidden(child, this.#layer);
  }

  /** Remembers what a partial squash must hide in the kept layers. */
  #lose(parent: TreeNode, child: TreeNode): void {
    if (!this.#fresh || child.fresh || parent.fresh || parent.emptied) return;
    parent.lost ??= new Map();
    parent.lost.set(child.name, child.kind === EntryType.directory);
  }

  #attach(parent: TreeNode, upper: TreeNode): void {
    upper.parent = parent;
    parent.children ??= new Map();
    parent.children.set(upper.name, upper);
    prune(upper);
  }
}

/** Drops directories that only markers had needed: without anything below to hide they leave no trace (rule 4). */
function prune(node: TreeNode): void {
  for (const child of node.children?.values() ?? []) {
    if (!child.real) node.children?.delete(child.name);
    else prune(child);
  }
}
