import { createHash } from "node:crypto";
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type BigIntStats,
} from "node:fs";

import { readXattrs } from "./xattrs.ts";

/** What one name in a file tree is. Texts that come from names are latin1, so that each character is one byte. */
export interface TreeEntry {
  readonly type:
    | "file"
    | "directory"
    | "symlink"
    | "fifo"
    | "socket"
    | "character device"
    | "block device";
  /** Permission bits in octal, such as `4755`. */
  readonly mode: string;
  /** Numbers, `uid:gid`. */
  readonly owner: string;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Extended attributes by name, values in hex; ACLs and file capabilities are among them. */
  readonly xattrs: ReadonlyMap<string, string>;
  /** Of a file: its length in bytes. */
  readonly size?: bigint;
  /** Of a file: the hash of its content. */
  readonly sha256?: string;
  /** Of a symlink: its text. */
  readonly target?: string;
  /** Of a device: `major:minor`. */
  readonly device?: string;
  /** All names in the tree of the same inode, sorted; absent where there is only one. */
  readonly names?: readonly string[];
}

/** Paths relative to the top of the tree in latin1, sorted; the top itself is `.`. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** Reads everything that can be known about a file tree; needs root. The tree must not change meanwhile. */
export async function readTree(top: string): Promise<Tree> {
  const xattrs = await readXattrs(top);
  const stats = new Map<string, BigIntStats>();
  walk(top, ".", stats);
  const names = namesByInode(stats);
  const tree = new Map<string, TreeEntry>();
  for (const path of [...stats.keys()].toSorted()) {
    const stat = stats.get(path);
    if (stat === undefined) continue;
    tree.set(
      path,
      entryOf(top, path, stat, xattrs.get(path) ?? new Map(), names.get(inodeOf(stat)) ?? []),
    );
  }
  return tree;
}

function walk(top: string, path: string, stats: Map<string, BigIntStats>): void {
  const stat = lstatSync(bytes(top, path), { bigint: true });
  stats.set(path, stat);
  if (!stat.isDirectory()) return;
  for (const name of readdirSync(bytes(top, path), { encoding: "buffer" })) {
    const child = name.toString("latin1");
    walk(top, path === "." ? child : `${path}/${child}`, stats);
  }
}

function namesByInode(stats: ReadonlyMap<string, BigIntStats>): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const path of [...stats.keys()].toSorted()) {
    const stat = stats.get(path);
    if (stat === undefined || stat.isDirectory()) continue;
    const inode = inodeOf(stat);
    const group = names.get(inode);
    if (group === undefined) names.set(inode, [path]);
    else group.push(path);
  }
  return names;
}

function inodeOf(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}`;
}

function entryOf(
  top: string,
  path: string,
  stat: BigIntStats,
  xattrs: ReadonlyMap<string, string>,
  names: readonly string[],
): TreeEntry {
  const type = typeOf(stat);
  const isDevice = type === "character device" || type === "block device";
  return {
    type,
    mode: (stat.mode & 0o7777n).toString(8).padStart(4, "0"),
    owner: `${stat.uid}:${stat.gid}`,
    mtime: stat.mtimeNs,
    xattrs,
    ...(type === "file" ? { size: stat.size, sha256: hashOf(bytes(top, path)) } : {}),
    ...(type === "symlink"
      ? { target: readlinkSync(bytes(top, path), { encoding: "buffer" }).toString("latin1") }
      : {}),
    ...(isDevice ? { device: `${stat.rdev >> 8n}:${stat.rdev & 0xffn}` } : {}),
    ...(names.length > 1 ? { names } : {}),
  };
}

function typeOf(stat: BigIntStats): TreeEntry["type"] {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isFIFO()) return "fifo";
  if (stat.isSocket()) return "socket";
  return stat.isCharacterDevice() ? "character device" : "block device";
}

const chunk = Buffer.alloc(1 << 20);

function hashOf(path: Buffer): string {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    for (;;) {
      const length = readSync(file, chunk);
      if (length === 0) return hash.digest("hex");
      hash.update(chunk.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}

/** A path for the file system, which has no encoding. */
function bytes(top: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${top}/`), Buffer.from(path, "latin1")]);
}
