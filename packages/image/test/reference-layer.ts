import { type DirNode, type Leaf, filesIn, newDir } from "./reference-node.ts";
import { type TarEntry, readTar } from "./tar-reader.ts";
import type { Inode } from "./tree.ts";

/** The image has no clear meaning: `rule` says by which rule. */
export class ModelError extends Error {
  readonly rule: number;
  readonly path: string;
  constructor(rule: number, path: string, message: string) {
    super(`${message}: ${JSON.stringify(path)}`);
    this.rule = rule;
    this.path = path;
  }
}

export interface LayerWarning {
  readonly rule: number;
  readonly path: string;
}

export interface LayerTree {
  readonly root: DirNode;
  readonly warnings: readonly LayerWarning[];
}

type LinkedFile = Leaf["file"];

/** A link that came before its target (rule 22). */
interface Pending {
  readonly entry: TarEntry;
  readonly file: LinkedFile;
}

const AUFS = new Set([".wh..wh.aufs", ".wh..wh.plnk", ".wh..wh.orph"]);

/**
 * One layer applied to an empty tree.
 *
 * @param lower the merged tree of the layers below: hard links may name its files
 * @param linked what a link to a file of `lower` gives: the file itself, or a copy
 */
export function layerTree(
  bytes: Buffer,
  lower: DirNode,
  linked: (file: LinkedFile) => LinkedFile,
): LayerTree {
  const layer = new LayerBuilder(lower, linked);
  const { entries, globals } = readTar(bytes);
  for (const records of globals) {
    if ([...records.keys()].some((key) => key !== "comment")) layer.warn(40, "");
  }
  for (const entry of entries) layer.apply(entry);
  layer.resolvePending();
  return layer;
}

class LayerBuilder implements LayerTree {
  readonly root = newDir();
  readonly warnings: LayerWarning[] = [];
  /** Where AUFS keeps its own files: linked to, never shown (rule 51). */
  readonly #aufs = newDir();
  readonly #pending: Pending[] = [];
  /** All links to files that are still pending, in order. */
  readonly #lateHeaders: Pending[] = [];
  readonly #lower: DirNode;
  readonly #linked: (file: LinkedFile) => LinkedFile;

  constructor(lower: DirNode, linked: (file: LinkedFile) => LinkedFile) {
    this.#lower = lower;
    this.#linked = linked;
  }

  warn(rule: number, path: string): void {
    this.warnings.push({ rule, path });
  }

  apply(entry: TarEntry): void {
    const path = cleaned(entry.name);
    const where = path.join("/");
    if (entry.type === "V") return this.warn(35, where);
    if (!"01234567S".includes(entry.type)) throw new ModelError(35, where, `type ${entry.type}`);
    if (entry.type === "7") this.warn(35, where);
    if (entry.type === "S") this.warn(33, where);
    const last = path.at(-1);
    if (last === undefined) {
      if (entry.type === "5") this.root.inode = entry.inode;
      else this.warn(17, where);
      return;
    }
    const aufs = AUFS.has(path[0] ?? "");
    if (path.slice(aufs ? 1 : 0, -1).some((part) => part.startsWith(".wh.")))
      return this.warn(8, where);
    if (!aufs && last.startsWith(".wh.")) return this.#marker(path.slice(0, -1), last, where);
    if (entry.type === "3" && entry.inode.devmajor === 0 && entry.inode.devminor === 0)
      this.warn(34, where);
    const parent = this.#directory(
      aufs ? this.#aufs : this.root,
      this.#resolve(path.slice(0, -1), where),
      where,
    );
    const old = parent.children.get(last);
    const link = entry.type === "1" ? this.#linkedFile(entry, old) : undefined;
    if (entry.type === "1" && link === undefined) return;
    if (entry.type === "5") {
      const node = old?.kind === "dir" ? old : newDir();
      node.inode = entry.inode;
      node.ghost = false;
      parent.children.set(last, node);
    } else parent.children.set(last, { kind: "leaf", file: link ?? { inode: entry.inode } });
  }

  #marker(parentPath: string[], last: string, where: string): void {
    const hidden = last.slice(4);
    if (hidden === "" || hidden === "." || hidden === "..")
      throw new ModelError(6, where, "names nothing");
    const parent = this.#resolve(parentPath, where);
    const node = this.#markedDirectory(parent);
    if (last !== ".wh..wh..opq") node?.whiteouts.add(hidden);
    else if (node !== undefined) this.#directory(this.root, parent, where).opaque = true;
  }

  /** The directory at a resolved path; what is missing is made, what is no directory is replaced (rules 14, 16). */
  #directory(root: DirNode, path: readonly string[], where: string): DirNode {
    let node = root;
    for (const name of path) {
      const child = node.children.get(name);
      if (child?.kind === "leaf") this.warn(24, where);
      const next = child?.kind === "dir" ? child : newDir();
      next.ghost = false;
      node.children.set(name, next);
      node = next;
    }
    return node;
  }

  /** The same for markers: missing directories are ghosts; the layer's own file stays (rule 2) and the marker is void. */
  #markedDirectory(path: readonly string[]): DirNode | undefined {
    let node = this.root;
    for (const name of path) {
      const child = node.children.get(name);
      if (child?.kind === "leaf") return undefined;
      const next = child ?? { ...newDir(), ghost: true };
      node.children.set(name, next);
      node = next;
    }
    return node;
  }

  /** Follows the symlinks of this layer, never above the root (rules 26 to 28). */
  #resolve(path: readonly string[], where: string): string[] {
    return followed(this.root, path, where);
  }

  #linkedFile(entry: TarEntry, old: DirNode | Leaf | undefined): LinkedFile | undefined {
    const target = cleaned(entry.link);
    const own = this.#lookUp(target, entry);
    if (own !== undefined && own === old) {
      this.warn(22, target.join("/")); // a link to itself says nothing
      return own.kind === "leaf" ? own.file : undefined;
    }
    if (own?.kind === "dir") throw new ModelError(22, entry.name, "link to a directory");
    if (own?.kind === "leaf") {
      this.#applyHeader(own.file, entry);
      return own.file;
    }
    const below = this.#lookUpBelow(target);
    if (below?.kind === "leaf") {
      this.warn(21, cleaned(entry.name).join("/"));
      const file = this.#linked(below.file); // as umoci does it, with the metadata the file has
      this.#fromBelow.add(file);
      return file;
    }
    const file: LinkedFile = { inode: undefined };
    this.#pending.push({ entry, file });
    this.#lateHeaders.push({ entry, file });
    return file;
  }

  /** In the merged lower tree, through its symlinks. */
  #lookUpBelow(target: readonly string[]): DirNode | Leaf | undefined {
    try {
      return nodeAt(this.#lower, followedParent(this.#lower, target, ""));
    } catch (error) {
      if (error instanceof ModelError) return undefined; // a loop of symlinks leads nowhere
      throw error;
    }
  }

  readonly #fromBelow = new Set<LinkedFile>();

  /** The last link entry's header holds; its xattrs are added to those of the file (rule 23). */
  #applyHeader(file: LinkedFile, entry: TarEntry): void {
    if (this.#fromBelow.has(file)) return; // only links of the data's own layer count
    if (file.inode === undefined) {
      this.#lateHeaders.push({ entry, file });
      return;
    }
    const { mode, uid, gid, mtime, xattrs } = entry.inode;
    file.inode = {
      ...file.inode,
      mode,
      uid,
      gid,
      mtime,
      xattrs: new Map([...file.inode.xattrs, ...xattrs]),
    };
  }

  #lookUp(target: readonly string[], entry: TarEntry): DirNode | Leaf | undefined {
    const root = AUFS.has(target[0] ?? "") ? this.#aufs : this.root;
    return nodeAt(root, followedParent(root, target, entry.name));
  }

  resolvePending(): void {
    const shown = filesIn(this.root, filesIn(this.#aufs));
    for (const pending of this.#pending)
      if (shown.has(pending.file)) this.#settle(pending, new Set());
    for (const { entry, file } of this.#lateHeaders.splice(0))
      this.#applyHeader(this.#final(file), entry);
    const settled = new Map(this.#pending.map(({ file }) => [file, this.#final(file)]));
    const visit = (node: DirNode): void => {
      for (const child of node.children.values()) {
        if (child.kind === "dir") visit(child);
        else child.file = settled.get(child.file) ?? child.file;
      }
    };
    visit(this.root);
  }

  readonly #targets = new Map<LinkedFile, LinkedFile>();

  #final(file: LinkedFile): LinkedFile {
    const next = this.#targets.get(file);
    return next === undefined ? file : this.#final(next);
  }

  #settle(pending: Pending, chain: Set<Pending>): void {
    if (this.#targets.has(pending.file)) return;
    const { entry } = pending;
    if (chain.has(pending))
      throw new ModelError(22, entry.name, `a cycle of links, to ${entry.link}`);
    chain.add(pending);
    const node = this.#lookUp(cleaned(entry.link), entry);
    if (node?.kind !== "leaf")
      throw new ModelError(22, entry.name, `no file ${entry.link} to link to`);
    if (node.file === pending.file)
      throw new ModelError(22, entry.name, `a cycle of links, to ${entry.link}`);
    const next = this.#pending.find(({ file }) => file === node.file);
    if (next !== undefined) this.#settle(next, chain);
    this.#targets.set(pending.file, node.file);
    this.warn(22, cleaned(entry.name).join("/"));
  }
}

/** Components of a name, cleaned lexically from the root (rules 28, 29). */
export function cleaned(name: string): string[] {
  const path: string[] = [];
  for (const part of name.split("/")) {
    if (part === "..") path.pop();
    else if (part !== "" && part !== ".") path.push(part);
  }
  return path;
}

function nodeAt(root: DirNode, path: readonly string[]): DirNode | Leaf | undefined {
  let node: DirNode | Leaf | undefined = root;
  for (const name of path) node = node?.kind === "dir" ? node.children.get(name) : undefined;
  return node;
}

function followedParent(root: DirNode, path: readonly string[], where: string): string[] {
  return [...followed(root, path.slice(0, -1), where), ...path.slice(-1)];
}

/** The path with all symlinks replaced by what they lead to; a missing or plain component is taken as it is. */
function followed(root: DirNode, path: readonly string[], where: string): string[] {
  let done: string[] = [];
  let rest = [...path];
  for (let steps = 0; rest.length > 0; steps += 1) {
    if (steps > 10_000) throw new ModelError(27, where, "a loop of symlinks");
    const [name = "", ...after] = rest;
    rest = after;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      done = done.slice(0, -1);
      continue;
    }
    const node = nodeAt(root, [...done, name]);
    const inode: Inode | undefined = node?.kind === "leaf" ? node.file.inode : undefined;
    if (inode?.type !== "symlink") done = [...done, name];
    else {
      rest = [...inode.target.split("/"), ...rest];
      if (inode.target.startsWith("/")) done = [];
    }
  }
  return done;
}
