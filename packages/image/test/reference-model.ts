import { type LayerTree, type LayerWarning, layerTree } from "./reference-layer.ts";
import { type DirNode, type Leaf, filesIn, newDir } from "./reference-node.ts";
import type { Inode, Tree } from "./tree.ts";

/** What `docs/layer-rules.md` says an image shows. */
export interface Expected {
  readonly tree: Tree;
  /** Number of the layer (lowest is 1) and of the rule. */
  readonly warnings: readonly (LayerWarning & { readonly layer: number })[];
}

const IMPLIED: Inode = {
  type: "dir",
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: "0",
  content: Buffer.alloc(0),
  target: "",
  devmajor: 0,
  devminor: 0,
  xattrs: new Map(),
};

/**
 * The independent judge of the flattener: plain maps, recursion, everything in memory, nothing optimised. Each layer is
 * applied alone to its own tree, then the trees are stacked.
 *
 * @param layers uncompressed tars, lowest first
 * @param range the layers `keep` (inclusive) to `to` (exclusive) are to be squashed; links from them to files of the
 *   layers below are copies then (rule 21). Default: all layers, no copies.
 * @throws {ModelError} when the rules call the image meaningless
 */
export function expectedTree(
  layers: readonly Buffer[],
  range: { keep?: number; to?: number } = {},
): Expected {
  const { keep = 0, to = layers.length } = range;
  const warnings: (LayerWarning & { layer: number })[] = [];
  let merged: DirNode = newDir();
  let keptLeaves = new Set<Leaf["file"]>();
  const copies = new Map<Leaf["file"], Leaf["file"]>();
  for (const [index, bytes] of layers.entries()) {
    if (index === keep) keptLeaves = filesIn(merged);
    const copied = (file: Leaf["file"]): Leaf["file"] => {
      if (index < keep || index >= to || !keptLeaves.has(file)) return file;
      const copy = copies.get(file) ?? {
        inode: file.inode === undefined ? undefined : { ...file.inode },
      };
      copies.set(file, copy);
      return copy;
    };
    const layer: LayerTree = layerTree(bytes, merged, copied);
    warnings.push(...layer.warnings.map((warning) => ({ layer: index + 1, ...warning })));
    merged = stack(merged, layer.root, "", (path) =>
      warnings.push({ layer: index + 1, rule: 25, path }),
    );
  }
  return { tree: flatten(merged), warnings };
}

/** The upper directory over the lower one, as a union file system shows them. */
function stack(
  lower: DirNode,
  upper: DirNode,
  path: string,
  warnSymlink: (path: string) => void,
): DirNode {
  const children: DirNode["children"] = new Map(upper.opaque ? [] : lower.children);
  for (const name of upper.whiteouts) children.delete(name);
  for (const [name, node] of upper.children) {
    const below = children.get(name);
    const childPath = path === "" ? name : `${path}/${name}`;
    if (node.kind === "leaf") {
      children.set(name, node);
      continue;
    }
    // Whiteouts alone do not make their directory where nothing is (rule 4); over a file or symlink they do, as any
    // name below does in the overlay engines (rules 14, 25).
    if (node.ghost && below === undefined) continue;
    if (node.inode === undefined && below?.kind === "leaf" && below.file.inode?.type === "symlink")
      warnSymlink(childPath);
    children.set(
      name,
      stack(below?.kind === "dir" ? below : newDir(), node, childPath, warnSymlink),
    );
  }
  return { ...newDir(), children, inode: upper.inode ?? lower.inode };
}

function flatten(root: DirNode): Tree {
  const tree = new Map<string, Inode>();
  const visit = (node: DirNode, path: string): void => {
    tree.set(path, node.inode ?? { ...IMPLIED });
    for (const [name, child] of node.children) {
      const childPath = path === "." ? name : `${path}/${name}`;
      if (child.kind === "dir") visit(child, childPath);
      else if (child.file.inode !== undefined) tree.set(childPath, child.file.inode);
    }
  };
  visit(root, ".");
  return tree;
}
