import { type TarEntry, readTar } from "./tar-reader.ts";
import { type Inode, type Tree, describeInode } from "./tree.ts";

/** Path to inode of one tar, applied in order: later entries replace, directories keep their children. */
export function tarTree(bytes: Buffer): Tree {
  const tree = new Map<string, Inode>();
  for (const entry of readTar(bytes).entries) add(tree, treePath(entry.name), entry);
  return tree;
}

/**
 * The tree of a squashed layer, after checking what such a layer promises: clean names, no two equal ones, a
 * directory before its children, a link's file before the link and with the same metadata, no whiteouts, two zero
 * blocks and nothing else at the end. A layer of a partial squash (`markers: true`) may hold whiteouts and opaque markers, before their siblings,
 * and none of them beside an entry of the name it hides; they are left out of the tree.
 *
 * @throws {Error} naming the law and the entry
 */
export function squashedTree(bytes: Buffer, options: { markers?: boolean } = {}): Tree {
  const { entries, end, globals } = readTar(bytes);
  law(globals.length === 0, "no global headers");
  law(bytes.length % 512 === 0, "whole blocks");
  law(bytes.length - end === 1024, `two zero blocks at the end, not ${bytes.length - end} bytes`);
  law(
    bytes.subarray(end).every((byte) => byte === 0),
    "the end is zero",
  );
  const tree = new Map<string, Inode>();
  const seen = new Set<string>();
  const parentsWithEntries = new Set<string>();
  for (const entry of entries) {
    const path = treePath(entry.name);
    law("0123456".includes(entry.type), `types of POSIX only, not ${entry.type}`, entry);
    law(
      !"123456".includes(entry.type) || entry.size === 0,
      "entries without data say size 0",
      entry,
    );
    law(!seen.has(path), "no name twice", entry);
    seen.add(path);
    const parts = path.split("/");
    const parent = parts.slice(0, -1).join("/");
    const last = parts.at(-1) ?? "";
    law(
      !parts.slice(0, -1).some((part) => part.startsWith(".wh.")),
      "nothing below a marker",
      entry,
    );
    if (last.startsWith(".wh.")) {
      law(options.markers === true, "no markers", entry);
      law(path !== ".wh..wh..opq", "no opaque root: overlay engines ignore it", entry);
      law(!parentsWithEntries.has(parent), "markers before siblings", entry);
    }
    law(
      parent === "" || tree.get(parent)?.type === "dir",
      "a directory's entry before its children",
      entry,
    );
    if (last.startsWith(".wh.")) continue;
    law(path !== "." || tree.size === 0, "the root first", entry);
    if (path !== ".") parentsWithEntries.add(parent);
    add(tree, path, entry);
  }
  for (const entry of entries) {
    const inode = entry.type === "1" ? undefined : tree.get(treePath(entry.name));
    if (inode === undefined) continue;
    law(
      describeInode(inode) === describeInode(entry.inode),
      "a file's own header says what its links say",
      entry,
    );
  }
  for (const path of seen) {
    const slash = path.lastIndexOf("/") + 1;
    const last = path.slice(slash);
    if (!last.startsWith(".wh.") || last === ".wh..wh..opq") continue;
    const hidden = path.slice(0, slash) + last.slice(4);
    law(!seen.has(hidden), `no marker beside an entry of its name: ${hidden}`);
  }
  return tree;
}

/** A link's header holds for its file, and its xattrs are added: so do engines (rule 23). */
function add(tree: Map<string, Inode>, path: string, entry: TarEntry): void {
  if (entry.type !== "1") {
    tree.set(path, entry.inode);
    return;
  }
  const target = tree.get(treePath(entry.link));
  law(target !== undefined && target.type !== "dir", "a link comes after its file", entry);
  if (target === undefined) throw new Error("unreachable");
  const { mode, uid, gid, mtime, xattrs } = entry.inode;
  const inode = {
    ...target,
    mode,
    uid,
    gid,
    mtime,
    xattrs: new Map([...target.xattrs, ...xattrs]),
  };
  tree.set(path, inode);
  for (const [name, other] of tree) if (other === target) tree.set(name, inode);
}

/** The name in the form of {@link Tree}: `./a`, `/a` and `a//b` are read as engines do, `..` has no place in a squashed layer. */
function treePath(name: string): string {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new Error(`the name leads upwards: ${JSON.stringify(name)}`);
  return parts.length === 0 ? "." : parts.join("/");
}

function law(holds: boolean, what: string, entry?: TarEntry): void {
  if (!holds)
    throw new Error(
      `the squashed layer breaks a law: ${what}${entry === undefined ? "" : ` (${JSON.stringify(entry.name)})`}`,
    );
}
