import type { Inode } from "./tree.ts";

/** A directory of a layer's own tree, or of the merged one. */
export interface DirNode {
  readonly kind: "dir";
  /** Absent while no entry describes the directory. */
  inode: Inode | undefined;
  readonly children: Map<string, DirNode | Leaf>;
  /** Names that this layer hides in the layers below. */
  readonly whiteouts: Set<string>;
  opaque: boolean;
  /** Only whiteouts speak of it. */
  ghost: boolean;
}

/** A name of anything but a directory. Names of one file share the object `file`. */
export interface Leaf {
  readonly kind: "leaf";
  file: { inode: Inode | undefined };
}

export function newDir(): DirNode {
  return {
    kind: "dir",
    inode: undefined,
    children: new Map(),
    whiteouts: new Set(),
    opaque: false,
    ghost: false,
  };
}

/** The files that a directory and those below it show. */
export function filesIn(node: DirNode, found = new Set<Leaf["file"]>()): Set<Leaf["file"]> {
  for (const child of node.children.values()) {
    if (child.kind === "leaf") found.add(child.file);
    else filesIn(child, found);
  }
  return found;
}
