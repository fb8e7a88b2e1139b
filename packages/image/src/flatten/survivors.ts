import type { LayerIndex } from "../layer/layer-index.ts";
import { NO_ENTRY } from "./tree-node.ts";
import type { Inode, TreeNode } from "./tree-node.ts";

/** What is left of a layer: for each entry the name it made, and the shared files whose data it has. */
export interface Survivors {
  readonly names: (TreeNode | undefined)[];
  readonly inodes: Map<number, Inode>;
}

/** One walk over the final tree; shared files learn their names, in the order of their entries. */
export function findSurvivors(stack: TreeNode, layers: readonly LayerIndex[]): Survivors[] {
  const survivors = layers.map(({ table }): Survivors => ({
    names: Array.from<TreeNode | undefined>({ length: table.count }),
    inodes: new Map(),
  }));
  const visit = (node: TreeNode): void => {
    const own = survivors[node.layer];
    if (node.entry !== NO_ENTRY && own !== undefined) own.names[node.entry] = node;
    if (node.inode !== undefined) {
      node.inode.names.push(node);
      survivors[node.inode.layer]?.inodes.set(node.inode.entry, node.inode);
    }
    for (const child of node.children?.values() ?? []) visit(child);
  };
  visit(stack);
  for (const { inodes } of survivors) {
    for (const { names } of inodes.values())
      names.sort((a, b) => a.layer - b.layer || a.entry - b.entry);
  }
  return survivors;
}
