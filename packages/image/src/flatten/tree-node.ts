import type { EntryType } from "../tar/entry-type.ts";

/** Stands for "no entry": a directory that is only implied by names below it. */
export const NO_ENTRY = -1;

/**
 * A file that several names share. The data (or the symlink's target, the device number) is where the first entry
 * put it.
 */
export interface Inode {
  readonly layer: number;
  readonly entry: number;
  /** Link entries of the layer of the data, in the order they take effect: their headers change the inode (rule 23). */
  readonly links: number[];
  /** Filled once the tree is final: the names that are left, in the order of their entries. */
  names: TreeNode[];
}

/** A name in a tree, be it of one layer or of the stack. Layers and entries are counted from 0. */
export class TreeNode {
  readonly name: string;
  parent: TreeNode | undefined;
  kind: EntryType;
  /** Where the entry of this name is; for a directory the one whose metadata holds. */
  layer: number;
  entry: number;
  /** Set when the file has, or had, more than one name. */
  inode: Inode | undefined = undefined;
  /** Set for directories with something in them. */
  children: Map<string, TreeNode> | undefined = undefined;
  /** In the tree of a layer: names of lower layers that this directory hides. */
  whiteouts: Set<string> | undefined = undefined;
  /** In the tree of a layer: hides everything that lower layers have in this directory. */
  opaque = false;
  /** In the tree of a layer: something other than markers needs this directory. */
  real: boolean;
  /** The path is not the one in the header: a symlink of the layer was followed. */
  moved = false;
  /** Bytes of the path, slashes included. */
  readonly pathLength: number;
  /** Not from one of the kept layers. */
  readonly fresh: boolean;
  /** In the stack: a directory of the kept layers in which nothing of what they have is left. */
  emptied = false;
  /** Names that the kept layers have in this directory and that were hidden since; true for directories. */
  lost: Map<string, boolean> | undefined = undefined;
  /** Set once the entry is in the plan. */
  planned = false;

  constructor(
    parent: TreeNode | undefined,
    name: string,
    kind: EntryType,
    layer: number,
    entry: number,
    fresh: boolean,
  ) {
    this.parent = parent;
    this.name = name;
    this.pathLength = (parent === undefined ? 0 : parent.pathLength + 1) + name.length;
    this.kind = kind;
    this.layer = layer;
    this.entry = entry;
    this.fresh = fresh;
    this.real = entry !== NO_ENTRY;
  }
}

/** Path of a node from the root, without a leading slash; the root's is empty. */
export function pathOf(node: TreeNode): string {
  const parts: string[] = [];
  for (let at: TreeNode | undefined = node; at?.parent !== undefined; at = at.parent)
    parts.push(at.name);
  return parts.toReversed().join("/");
}
