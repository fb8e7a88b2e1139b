import { DEFAULT_MTIME } from "./tar-builder.ts";
import type { Inode, Tree } from "./tree.ts";

/** Hand-written trees: path to what is there. `same("a")` is a further name of the file `a`. */
export type ExpectedTree = Readonly<Record<string, ExpectedNode>>;
export type ExpectedNode = Inode | { readonly sameAs: string };

interface More {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: string | number;
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** A regular file with the metadata that entries have by default. Content is a byte string. */
export const F = (content = "", more: More = {}): Inode =>
  inode("file", 0o644, more, { content: Buffer.from(content, "latin1") });
/** A directory with the metadata that entries have by default. */
export const D = (more: More = {}): Inode => inode("dir", 0o755, more, {});
/** A directory that no layer describes (rule 16). */
export const IMPLIED = (): Inode => D({ mtime: 0 });
/** A symlink. */
export const S = (target: string, more: More = {}): Inode =>
  inode("symlink", 0o777, more, { target });
export const FIFO = (more: More = {}): Inode => inode("fifo", 0o644, more, {});
export const CHAR = (devmajor: number, devminor: number, more: More = {}): Inode =>
  inode("char", 0o644, more, { devmajor, devminor });
export const BLOCK = (devmajor: number, devminor: number, more: More = {}): Inode =>
  inode("block", 0o644, more, { devmajor, devminor });
export const same = (sameAs: string): ExpectedNode => ({ sameAs });

/** The tree in full: links share their inode, and a root nobody describes is there too. */
export function writtenTree(expected: ExpectedTree): Tree {
  const tree = new Map<string, Inode>([[".", IMPLIED()]]);
  for (const [path, node] of Object.entries(expected))
    if (!("sameAs" in node)) tree.set(path, node);
  for (const [path, node] of Object.entries(expected)) {
    if (!("sameAs" in node)) continue;
    const target = tree.get(node.sameAs);
    if (target === undefined) throw new Error(`the expected tree has no ${node.sameAs}`);
    tree.set(path, target);
  }
  return tree;
}

function inode(type: Inode["type"], mode: number, more: More, kind: Partial<Inode>): Inode {
  return {
    type,
    mode: more.mode ?? mode,
    uid: more.uid ?? 0,
    gid: more.gid ?? 0,
    mtime: String(more.mtime ?? DEFAULT_MTIME),
    content: Buffer.alloc(0),
    target: "",
    devmajor: 0,
    devminor: 0,
    xattrs: new Map(Object.entries(more.xattrs ?? {})),
    ...kind,
  };
}
