// One thing: the names of one layer. Lookups, links and markers all work on the same tree and its cache.
import { cleanComponents, cleanPath } from "./clean-path.ts";
import { EntryFlag, linknameOf, nameOf, NameReader } from "../layer/entry-table.ts";
import type { EntryTable } from "../layer/entry-table.ts";
import { ImageError } from "../image-error.ts";
import { AUFS, OPAQUE, WHITEOUT } from "./markers.ts";
import { printablePath } from "../printable-path.ts";
import { EntryType } from "../tar/entry-type.ts";
import { NO_ENTRY, TreeNode } from "./tree-node.ts";
import type { Inode } from "./tree-node.ts";

/** Symlinks followed on the way to one name before it is called a loop, as in containerd. */
const MAX_SYMLINKS = 255;

/** What a layer is read with. */
export interface LayerTreeOptions {
  /** Position of the layer in the image, from 0. */
  readonly layer: number;
  /** False for a kept layer below a partial squash. */
  readonly fresh: boolean;
  /** The stack of the layers below; only read, but its files may gain an inode. */
  readonly lower: TreeNode;
  /** Entries of a layer, for the targets of symlinks. */
  readonly tableOf: (layer: number) => EntryTable;
  /** Bytes that a path may have once symlinks are followed. */
  readonly pathBytes: number;
  /** Takes decisions that a user should know of. */
  readonly warn: (rule: number, message: string, path: string) => void;
  /** Told of each entry that a later entry of the same layer replaces. */
  readonly onReplaced: (node: TreeNode) => void;
}

/**
 * Applies the entries of a layer in order to an empty tree, as a container engine with overlay unpacks a layer into
 * its own directory.
 *
 * @returns the root of the layer's tree, with whiteouts and opaque marks in its directories
 * @throws {ImageError} `damaged` for names that lead nowhere
 */
export function buildLayerTree(options: LayerTreeOptions): TreeNode {
  return new LayerTree(options).build();
}

class LayerTree {
  readonly #options: LayerTreeOptions;
  readonly #table: EntryTable;
  readonly #names: NameReader;
  readonly #root: TreeNode;
  /** AUFS kept hard-linked files under names that are no content (rule 51). */
  readonly #aufs: TreeNode;
  readonly #pending: TreeNode[] = [];
  /** The directory of the last entry: entries mostly come directory by directory. */
  #cachedPath: string | undefined;
  #cachedDirectory: TreeNode;
  #cachedMoved = false;
  #followed = 0;
  #entry = 0;

  constructor(options: LayerTreeOptions) {
    this.#options = options;
    this.#table = options.tableOf(options.layer);
    this.#names = new NameReader(this.#table);
    this.#root = new TreeNode(
      undefined,
      "",
      EntryType.directory,
      options.layer,
      NO_ENTRY,
      options.fresh,
    );
    this.#aufs = new TreeNode(
      undefined,
      "",
      EntryType.directory,
      options.layer,
      NO_ENTRY,
      options.fresh,
    );
    this.#cachedDirectory = this.#root;
  }

  build(): TreeNode {
    for (this.#entry = 0; this.#entry < this.#table.count; this.#entry++)
      this.#apply(this.#names.name(this.#entry));
    this.#resolvePending();
    return this.#root;
  }

  #apply(raw: string): void {
    const type = this.#table.type[this.#entry] as EntryType; // the indexer writes nothing else
    if (this.#applyQuickly(raw, type)) return;
    const components = cleanComponents(raw);
    const base = components.pop();
    if (base === undefined) {
      this.#applyRoot(type);
      return;
    }
    if (AUFS.has(components[0] ?? base)) {
      this.#put(this.#directoryIn(this.#aufs, components), base, type, false);
      return;
    }
    if (this.#isBelowMarker(components, raw)) return;
    if (base.startsWith(WHITEOUT) && this.#isBelowFile(components)) return;
    const directory = this.#walk(this.#root, components);
    this.#cachedPath = components.join("/");
    this.#cachedDirectory = directory;
    this.#cachedMoved = isMoved(directory, components);
    if (base.startsWith(WHITEOUT)) this.#mark(directory, base, raw);
    else this.#put(directory, flat(base), type, this.#cachedMoved);
  }

  /** The common case: a clean name in the same directory as the entry before. */
  #applyQuickly(raw: string, type: EntryType): boolean {
    if (
      ((this.#table.flags[this.#entry] ?? 0) & EntryFlag.cleanName) === 0 ||
      this.#cachedPath === undefined
    )
      return false;
    const start = raw.startsWith("./") ? 2 : 0;
    const end = raw.endsWith("/") ? raw.length - 1 : raw.length;
    const slash = raw.lastIndexOf("/", end - 1);
    const directoryEnd = Math.max(slash, start);
    if (
      directoryEnd - start !== this.#cachedPath.length ||
      !raw.startsWith(this.#cachedPath, start)
    )
      return false;
    if (slash < start && this.#cachedPath !== "") return false;
    const baseStart = Math.max(slash + 1, start);
    if (baseStart >= end || raw.startsWith(WHITEOUT, baseStart)) return false;
    const base = this.#names.part(this.#entry, baseStart, end);
    this.#put(this.#cachedDirectory, base, type, this.#cachedMoved);
    return true;
  }

  /** Rule 17: the root keeps its own metadata; something else in its place has no meaning. */
  #applyRoot(type: EntryType): void {
    if (type === EntryType.directory) {
      this.#root.entry = this.#entry;
      this.#root.real = true;
    } else this.#warn(17, "the root can only be a directory; the entry is dropped", "");
  }

  /** Rule 8: what lies below a name that is a marker cannot be content. */
  #isBelowMarker(components: readonly string[], raw: string): boolean {
    if (!components.some((component) => component.startsWith(WHITEOUT))) return false;
    this.#warn(8, "the entry lies below a whiteout and is dropped", raw);
    return true;
  }

  /** Markers touch lower layers only, so one below a file of this layer has nothing to hide (rules 2 and 10). */
  #isBelowFile(components: readonly string[]): boolean {
    this.#followed = 0;
    return this.#lookAhead(this.#root, components) === "file";
  }

  /** Where a way leads, without making anything: a directory, a file that is in the way, or to nothing yet. */
  #lookAhead(start: TreeNode, components: readonly string[]): TreeNode | "file" | undefined {
    let at = start;
    for (const component of components) {
      const child = component === ".." ? (at.parent ?? at) : at.children?.get(component);
      if (child === undefined) return undefined;
      if (child.kind === EntryType.directory) at = child;
      else if (child.kind === EntryType.symlink) {
        const { start: next, components: rest } = this.#follow(child);
        const end = this.#lookAhead(next, rest);
        if (end === undefined || end === "file") return end;
        at = end;
      } else return "file";
    }
    return at;
  }

  #mark(directory: TreeNode, base: string, raw: string): void {
    if (base === OPAQUE) {
      directory.opaque = true;
      markReal(directory);
      return;
    }
    const hidden = base.slice(WHITEOUT.length);
    if (hidden === "" || hidden === "." || hidden === "..")
      this.#fail(`${base} is a whiteout of nothing`, raw);
    if (hidden.startsWith(WHITEOUT)) {
      this.#warn(8, "a whiteout of a whiteout has no meaning and is dropped", raw);
      return;
    }
    directory.whiteouts ??= new Set();
    directory.whiteouts.add(hidden);
  }

  #put(directory: TreeNode, base: string, type: EntryType, moved: boolean): void {
    const existing = directory.children?.get(base);
    if (type === EntryType.directory && existing?.kind === EntryType.directory) {
      if (existing.entry !== NO_ENTRY) this.#options.onReplaced(cloneEntry(existing));
      existing.entry = this.#entry;
      existing.moved = moved;
      markReal(existing);
      return;
    }
    if (type === EntryType.hardLink) {
      this.#link(directory, base, existing, moved);
      return;
    }
    this.#place(directory, base, type, existing, moved);
    if (
      type === EntryType.characterDevice &&
      ((this.#table.flags[this.#entry] ?? 0) & EntryFlag.deviceZero) !== 0
    ) {
      this.#warn(
        34,
        "a character device 0:0 is a whiteout to overlay; it is copied as it is",
        nameOf(this.#table, this.#entry),
      );
    }
  }

  #place(
    directory: TreeNode,
    base: string,
    kind: EntryType,
    existing: TreeNode | undefined,
    moved: boolean,
  ): TreeNode {
    if (existing !== undefined) this.#remove(existing);
    const node = this.#newNode(directory, base, kind, this.#entry);
    node.moved = moved;
    directory.children ??= new Map();
    directory.children.set(base, node);
    markReal(directory);
    return node;
  }

  /** Symlinks could lead from one long path to the next, so the limit holds for what they lead to as well. */
  #newNode(parent: TreeNode, name: string, kind: EntryType, entry: number): TreeNode {
    const { layer, fresh, pathBytes } = this.#options;
    const node = new TreeNode(parent, name, kind, layer, entry, fresh);
    if (node.pathLength > pathBytes)
      this.#fail(`a path of ${node.pathLength} bytes`, nameOf(this.#table, this.#entry), "limit");
    return node;
  }

  /** Takes a name out of the tree; directories that were found before may be gone now. */
  #remove(node: TreeNode): void {
    this.#options.onReplaced(node);
    node.parent?.children?.delete(node.name);
    if (node.kind === EntryType.directory || node.kind === EntryType.symlink)
      this.#cachedPath = undefined;
  }

  /** Rules 18 to 22. */
  #link(directory: TreeNode, base: string, existing: TreeNode | undefined, moved: boolean): void {
    const target = this.#findTarget();
    if (target !== undefined && target === existing) {
      this.#warn(22, "a hard link to itself is dropped", nameOf(this.#table, this.#entry));
      return;
    }
    if (target?.kind === EntryType.directory)
      this.#failAtDirectory(nameOf(this.#table, this.#entry));
    const node = this.#place(directory, base, EntryType.hardLink, existing, moved);
    if (target === undefined) this.#pending.push(node);
    else this.#join(node, target);
  }

  #failAtDirectory(name: string): never {
    const target = printablePath(cleanPath(linknameOf(this.#table, this.#entry)));
    return this.#fail(`a hard link to ${target}, which is a directory`, name);
  }

  #join(node: TreeNode, target: TreeNode): void {
    const inode = inodeOf(target);
    node.kind = target.kind;
    node.inode = inode;
    if (inode.layer === this.#options.layer) inode.links.push(node.entry);
  }

  /** What the link name of the current entry means now: this layer first, then the stack below. */
  #findTarget(): TreeNode | undefined {
    const linkname = linknameOf(this.#table, this.#entry);
    const own = this.#lookup(linkname);
    if (own !== undefined) return own.kind === EntryType.hardLink ? undefined : own; // waits for its own target
    const lower = findInStack(
      this.#options.lower,
      cleanComponents(linkname),
      this.#options.tableOf,
    );
    if (lower === undefined || lower.kind === EntryType.directory) return undefined;
    this.#warn(
      21,
      `a hard link to ${printablePath(cleanPath(linkname))}, which only a lower layer has`,
      nameOf(this.#table, this.#entry),
    );
    return lower;
  }

  /** Finds a name in this layer without making anything. */
  #lookup(name: string): TreeNode | undefined {
    const components = cleanComponents(name);
    const base = components.pop();
    if (base === undefined) return this.#root;
    const start = AUFS.has(components[0] ?? base) ? this.#aufs : this.#root;
    this.#followed = 0;
    return this.#find(start, components)?.children?.get(base);
  }

  #find(start: TreeNode, components: readonly string[]): TreeNode | undefined {
    let at: TreeNode | undefined = start;
    for (const component of components) {
      if (component === "..") {
        at = at.parent ?? at;
        continue;
      }
      const child: TreeNode | undefined = at.children?.get(component);
      at = child?.kind === EntryType.symlink ? this.#findThrough(child) : child;
      if (at === undefined) return undefined;
    }
    return at;
  }

  #findThrough(symlink: TreeNode): TreeNode | undefined {
    const { start, components } = this.#follow(symlink);
    return this.#find(start, components);
  }

  /** Rule 22: links that came before their target take effect now, in the order of their entries. */
  #resolvePending(): void {
    for (const node of this.#pending) {
      if (isAttached(node, this.#root, this.#aufs)) this.#resolve(node);
    }
    for (const node of this.#pending) {
      if (node.inode?.layer === this.#options.layer) node.inode.links.push(node.entry);
    }
  }

  /** The target may be such a link itself: follows them to the end, so that each is looked up once. */
  #resolve(link: TreeNode): void {
    const chain = new Set<TreeNode>();
    let target = link;
    while (target.kind === EntryType.hardLink) {
      chain.add(target);
      target = this.#targetOfPending(target, chain);
    }
    for (const node of chain) {
      const name = nameOf(this.#table, node.entry);
      this.#warn(22, "a hard link comes before its target; it is written after it", name);
      node.kind = target.kind;
      node.inode = inodeOf(target);
    }
  }

  #targetOfPending(link: TreeNode, chain: ReadonlySet<TreeNode>): TreeNode {
    this.#entry = link.entry;
    const linkname = linknameOf(this.#table, link.entry);
    const name = nameOf(this.#table, link.entry);
    const shown = printablePath(linkname);
    const target = this.#lookup(linkname);
    if (target === undefined)
      return this.#fail(`a hard link to ${shown}, which does not exist`, name);
    if (target.kind === EntryType.directory) return this.#failAtDirectory(name);
    if (chain.has(target))
      return this.#fail(`a hard link to ${shown}, which is a link back: a cycle of links`, name);
    return target;
  }

  /** The directory of these components; makes what is missing, follows symlinks of this layer. */
  #walk(start: TreeNode, components: readonly string[]): TreeNode {
    this.#followed = 0;
    return this.#directoryIn(start, components);
  }

  #directoryIn(start: TreeNode, components: readonly string[]): TreeNode {
    let at = start;
    for (const component of components) {
      if (component === "..") {
        at = at.parent ?? at;
        continue;
      }
      const child = at.children?.get(component);
      if (child?.kind === EntryType.directory) at = child;
      else if (child?.kind === EntryType.symlink) at = this.#directoryThrough(child);
      else at = this.#implied(at, component, child);
    }
    return at;
  }

  #directoryThrough(symlink: TreeNode): TreeNode {
    const { start, components } = this.#follow(symlink);
    return this.#directoryIn(start, components);
  }

  #follow(symlink: TreeNode): { start: TreeNode; components: string[] } {
    if (++this.#followed > MAX_SYMLINKS) {
      this.#fail("a loop of symlinks on the way to the name", nameOf(this.#table, this.#entry));
    }
    return followSymlink(symlink, this.#root, this.#options.tableOf);
  }

  #implied(directory: TreeNode, name: string, existing: TreeNode | undefined): TreeNode {
    if (existing !== undefined) {
      this.#warn(
        24,
        "a file of the layer is replaced by the directory that later names need",
        nameOf(this.#table, this.#entry),
      );
      this.#remove(existing);
    }
    const node = this.#newNode(directory, flat(name), EntryType.directory, NO_ENTRY);
    directory.children ??= new Map();
    directory.children.set(node.name, node);
    return node;
  }

  #warn(rule: number, message: string, path: string): void {
    this.#options.warn(rule, message, path);
  }

  #fail(message: string, path: string, code: "damaged" | "limit" = "damaged"): never {
    throw new ImageError(code, message, {
      layer: this.#options.layer + 1,
      offset: this.#table.headerStart[this.#entry] ?? 0,
      path: printablePath(path),
    });
  }
}

/** Whether the way to a directory led through a symlink. */
function isMoved(directory: TreeNode, components: readonly string[]): boolean {
  let at: TreeNode | undefined = directory;
  let index = components.length;
  while (at?.parent !== undefined && index > 0 && at.name === components[index - 1]) {
    at = at.parent;
    index--;
  }
  return at?.parent !== undefined || index > 0;
}

/** Something real lies in these directories. */
function markReal(node: TreeNode): void {
  for (let at: TreeNode | undefined = node; at !== undefined && !at.real; at = at.parent)
    at.real = true;
}

/** The inode of a file; made when the file gets its second name. */
export function inodeOf(node: TreeNode): Inode {
  node.inode ??= { layer: node.layer, entry: node.entry, links: [], names: [] };
  return node.inode;
}

function cloneEntry(node: TreeNode): TreeNode {
  return new TreeNode(node.parent, node.name, node.kind, node.layer, node.entry, node.fresh);
}

function isAttached(node: TreeNode, ...roots: readonly TreeNode[]): boolean {
  let at = node;
  while (at.parent !== undefined) {
    if (at.parent.children?.get(at.name) !== at) return false;
    at = at.parent;
  }
  return roots.includes(at);
}

/**
 * Where a symlink leads, inside the root (rules 26 and 28). The components may hold `..`: which directory that is
 * shows only on the way, when the symlinks before it are resolved.
 */
function followSymlink(
  symlink: TreeNode,
  root: TreeNode,
  tableOf: (layer: number) => EntryTable,
): { start: TreeNode; components: string[] } {
  const { layer, entry } = symlink.inode ?? symlink;
  const target = linknameOf(tableOf(layer), entry);
  return {
    start: target.startsWith("/") ? root : (symlink.parent ?? root),
    components: target.split("/").filter((component) => component !== "" && component !== "."),
  };
}

/** A copy that does not keep the longer string alive that it was cut from. */
function flat(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, "latin1").toString("latin1");
}

/** Finds a name in the stack of the layers below, following symlinks there on the way, not the last one. */
function findInStack(
  root: TreeNode,
  components: readonly string[],
  tableOf: (layer: number) => EntryTable,
): TreeNode | undefined {
  let at = root;
  let rest = [...components];
  let followed = 0;
  for (let component = rest.shift(); component !== undefined; component = rest.shift()) {
    if (component === "..") {
      at = at.parent ?? at;
      continue;
    }
    const child = at.children?.get(component);
    if (child === undefined) return undefined;
    if (child.kind === EntryType.symlink && rest.length > 0) {
      if (++followed > MAX_SYMLINKS) return undefined;
      const step = followSymlink(child, root, tableOf);
      at = step.start;
      rest = [...step.components, ...rest];
    } else at = child;
  }
  return at;
}
