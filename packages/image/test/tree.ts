import { createHash } from "node:crypto";

/** What a name stands for. Hard links are names with the same object. */
export interface Inode {
  readonly type: "file" | "dir" | "symlink" | "char" | "block" | "fifo";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds as decimal text without needless zeros: `-1.5`. */
  readonly mtime: string;
  /** Of files. */
  readonly content: Buffer;
  /** Of symlinks, a byte string. */
  readonly target: string;
  /** Of devices. */
  readonly devmajor: number;
  readonly devminor: number;
  /** Names and values as byte strings. */
  readonly xattrs: ReadonlyMap<string, string>;
}

/** Path (byte string, `a/b`, the root is ".") to inode. */
export type Tree = ReadonlyMap<string, Inode>;

/** One line for each path, sorted by path; equal texts mean equal trees, hard-link groups included. */
export function describeTree(tree: Tree): Record<string, string> {
  const names = new Map<Inode, string[]>();
  for (const path of [...tree.keys()].toSorted()) {
    const inode = tree.get(path);
    if (inode === undefined) continue;
    names.set(inode, [...(names.get(inode) ?? []), path]);
  }
  const lines: [string, string][] = [];
  for (const [inode, paths] of names) {
    const group = paths.length > 1 && inode.type !== "dir" ? ` names=${paths.join("|")}` : "";
    for (const path of paths) lines.push([path, describeInode(inode) + group]);
  }
  return Object.fromEntries(lines.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function describeInode(inode: Inode): string {
  const { type, mode, uid, gid, mtime, content, target, devmajor, devminor, xattrs } = inode;
  const parts = [type, mode.toString(8), `${uid}:${gid}`, mtime];
  if (type === "file") parts.push(`size=${content.length}`, describeContent(content));
  if (type === "symlink") parts.push(`-> ${JSON.stringify(target)}`);
  if (type === "char" || type === "block") parts.push(`${devmajor}:${devminor}`);
  for (const key of [...xattrs.keys()].toSorted())
    parts.push(`${key}=${JSON.stringify(xattrs.get(key))}`);
  return parts.join(" ");
}

/** Text as decimal without needless zeros, so that `5.50` and `5.5` are equal. */
export function canonicalTime(text: string): string {
  const match = /^(-?)0*([0-9]+)(?:\.([0-9]*?)0*)?$/.exec(text);
  if (match === null) throw new Error(`not a time: ${JSON.stringify(text)}`);
  const [, sign = "", whole = "", fraction = ""] = match;
  const value = fraction === "" ? whole : `${whole}.${fraction}`;
  return value === "0" ? "0" : sign + value;
}

function describeContent(content: Buffer): string {
  if (content.length <= 60) return JSON.stringify(content.toString("latin1"));
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
