// One thing: the order in which survivors are written. Directories, shared files and markers depend on each other's
// place, so they are planned together.
import { cleanPath } from "./clean-path.ts";
import { EntryFlag } from "../layer/entry-table.ts";
import { HeaderStoreReader } from "../layer/header-store.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import { OPAQUE, WHITEOUT } from "./markers.ts";
import { SquashPlanBuilder } from "./squash-plan.ts";
import type { SquashPlan } from "./squash-plan.ts";
import type { Survivors } from "./survivors.ts";
import { EntryType, TypeFlag } from "../tar/entry-type.ts";
import {
  addInodeMetadata,
  inodeMetadata,
  isXattr,
  parseRawHeader,
  setInodeMetadata,
  valueOf,
  XATTR_PREFIX,
  xattrsOf,
} from "../tar/raw-header.ts";
import type { RawHeader } from "../tar/raw-header.ts";
import { rewriteHeader } from "../tar/rewrite-header.ts";
import type { HeaderChanges } from "../tar/rewrite-header.ts";
import { BLOCK, paddedSize } from "../tar/tar-header.ts";
import { writeTarHeader } from "../tar/write-tar-header.ts";
import { NO_ENTRY, pathOf } from "./tree-node.ts";
import type { Inode, TreeNode } from "./tree-node.ts";

/** Whether unpacking the header changes nothing of what holds for the file: a link's xattrs are added to the others. */
function agrees(header: RawHeader, holds: RawHeader): boolean {
  if (inodeMetadata(header) !== inodeMetadata(holds)) return false;
  return xattrsOf(header).every(({ key, value }) => valueOf(holds.records, key) === value);
}

/**
 * Plans the squashed layer: layer by layer from the bottom, in the order of the entries there; directories before
 * their first child, data before the links to it.
 *
 * @param stack the final tree
 * @param survivors what is left of each layer
 */
export function planLayer(
  stack: TreeNode,
  survivors: readonly Survivors[],
  indexes: readonly LayerIndex[],
  options: { keep: number; dropXattr: ((name: string) => boolean) | undefined },
): SquashPlan {
  return new LayerPlanner(stack, survivors, indexes, options).plan();
}

class LayerPlanner {
  readonly #stack: TreeNode;
  readonly #survivors: readonly Survivors[];
  readonly #indexes: readonly LayerIndex[];
  readonly #keep: number;
  readonly #dropXattr: ((name: string) => boolean) | undefined;
  readonly #builder = new SquashPlanBuilder();
  readonly #headers: readonly HeaderStoreReader[];
  /** The name under which the data of a shared file was written, and the metadata of all its names if they differ. */
  readonly #written = new Map<Inode, { first: TreeNode; metadata: RawHeader | undefined }>();

  constructor(
    stack: TreeNode,
    survivors: readonly Survivors[],
    indexes: readonly LayerIndex[],
    options: { keep: number; dropXattr: ((name: string) => boolean) | undefined },
  ) {
    this.#stack = stack;
    this.#survivors = survivors;
    this.#indexes = indexes;
    this.#keep = options.keep;
    this.#dropXattr = options.dropXattr;
    this.#headers = indexes.map(({ headers }) => new HeaderStoreReader(headers));
  }

  plan(): SquashPlan {
    this.#planRoot();
    for (const [layer, survivors] of this.#survivors.entries()) {
      if (layer < this.#keep) this.#planCopies(survivors);
      else this.#planEntries(survivors);
    }
    this.#planRest(this.#stack);
    this.#builder.zeros(2 * BLOCK);
    return this.#builder.build();
  }

  /** The root's entry comes first, wherever it was (rule 17). */
  #planRoot(): void {
    const root = this.#stack;
    root.planned = true;
    if (root.entry !== NO_ENTRY && root.layer >= this.#keep) this.#writeDirectoryHeader(root);
    this.#planMarkers(root);
  }

  /** Data of kept layers that a squashed layer links to is copied (rule 21). */
  #planCopies({ inodes }: Survivors): void {
    for (const entry of [...inodes.keys()].toSorted((a, b) => a - b)) {
      const inode = inodes.get(entry);
      if (inode !== undefined) this.#planInode(inode);
    }
  }

  #planEntries({ names, inodes }: Survivors): void {
    for (let entry = 0; entry < names.length; entry++) {
      const inode = inodes.size === 0 ? undefined : inodes.get(entry);
      if (inode !== undefined) this.#planInode(inode);
      const node = names[entry];
      if (node !== undefined && !node.planned) this.#planName(node);
    }
  }

  #planName(node: TreeNode): void {
    if (node.inode !== undefined) {
      const written = this.#written.get(node.inode);
      if (written !== undefined) this.#planLink(node, written.first, written.metadata); // else it comes with its data
      return;
    }
    this.#planParents(node);
    node.planned = true;
    const { table } = this.#index(node.layer);
    if (this.#canCopy(node)) {
      this.#copyEntry(node.layer, node.entry, table.headerStart[node.entry] ?? 0);
    } else {
      this.#builder.bytes(this.#rewritten(node, this.#raw(node.layer, node.entry)));
      this.#planData(node.layer, node.entry);
    }
    if (node.kind === EntryType.directory) this.#planMarkers(node);
  }

  /** Whether the bytes of the entry can stay as they are. */
  #canCopy(node: TreeNode): boolean {
    const flags = this.#index(node.layer).table.flags[node.entry] ?? 0;
    if (node.moved || (flags & EntryFlag.cleanName) === 0 || (flags & EntryFlag.rewrite) !== 0)
      return false;
    return (
      (flags & EntryFlag.xattrs) === 0 ||
      this.#dropXattr === undefined ||
      !this.#dropsXattr(node.layer, node.entry)
    );
  }

  #dropsXattr(layer: number, entry: number): boolean {
    return this.#raw(layer, entry).records.some(({ key }) => this.#isDropped(key));
  }

  #isDropped(key: string): boolean {
    return isXattr(key) && this.#dropXattr?.(key.slice(XATTR_PREFIX.length)) === true;
  }

  /** Everything of an entry from `start` on, padding included, even where the layer ends without it. */
  #copyEntry(layer: number, entry: number, start: number): void {
    const { table, size } = this.#index(layer);
    const data = (table.headerStart[entry] ?? 0) + (table.headerLength[entry] ?? 0);
    const end = data + paddedSize(table.size[entry] ?? 0);
    this.#builder.range(layer, start, Math.min(end, size));
    this.#builder.zeros(Math.max(0, end - size));
  }

  #planData(layer: number, entry: number): void {
    const { table } = this.#index(layer);
    const start = (table.headerStart[entry] ?? 0) + (table.headerLength[entry] ?? 0);
    const sparse = table.sparse.get(entry);
    if (sparse === undefined) {
      this.#copyEntry(layer, entry, start);
      return;
    }
    let stored = start;
    let position = 0;
    for (const [offset, length] of sparse.pieces) {
      this.#builder.zeros(offset - position);
      this.#builder.range(layer, stored, stored + length);
      stored += length;
      position = offset + length;
    }
    this.#builder.zeros(paddedSize(sparse.realSize) - position);
  }

  /** The data of a shared file goes under its first name that is left; names that came before it follow (rule 19, 22). */
  #planInode(inode: Inode): void {
    const names = inode.names.filter((name) => name.layer >= this.#keep);
    const own = names.find((name) => name.layer === inode.layer && name.entry === inode.entry);
    const first = own ?? names[0];
    if (first === undefined) return;
    const metadata = this.#sharedMetadata(inode, names);
    this.#planParents(first);
    first.planned = true;
    this.#written.set(inode, { first, metadata });
    if (own !== undefined && metadata === undefined && this.#canCopy(own)) {
      this.#copyEntry(
        own.layer,
        own.entry,
        this.#index(own.layer).table.headerStart[own.entry] ?? 0,
      );
    } else {
      const data = this.#raw(inode.layer, inode.entry);
      const header = metadata === undefined ? data : setInodeMetadata(data, metadata);
      this.#builder.bytes(this.#rewritten(first, header, inode));
      this.#planData(inode.layer, inode.entry);
    }
    for (const name of names) {
      const isEarlier = name.layer === inode.layer && name.entry < inode.entry;
      if (isEarlier && !name.planned) this.#planLink(name, first, metadata);
    }
  }

  /** The header whose metadata holds for the file, if any header of its names says something else (rule 23). */
  #sharedMetadata(inode: Inode, names: readonly TreeNode[]): RawHeader | undefined {
    const data = this.#raw(inode.layer, inode.entry);
    let holds = data;
    for (const entry of inode.links) {
      holds = addInodeMetadata(holds, this.#raw(inode.layer, entry));
    }
    if (!agrees(data, holds) || xattrsOf(data).length !== xattrsOf(holds).length) return holds;
    return names.every((name) => agrees(this.#raw(name.layer, name.entry), holds))
      ? undefined
      : holds;
  }

  #planLink(node: TreeNode, first: TreeNode, metadata: RawHeader | undefined): void {
    this.#planParents(node);
    node.planned = true;
    const raw = this.#raw(node.layer, node.entry);
    const target = pathOf(first);
    if (
      metadata === undefined &&
      this.#canCopy(node) &&
      cleanPath(raw.linkname) === target &&
      !raw.linkname.includes("..")
    ) {
      this.#copyLink(node);
      return;
    }
    const header = metadata === undefined ? raw : setInodeMetadata(raw, metadata);
    const changes: HeaderChanges = {
      name: pathOf(node),
      linkname: target,
      type: TypeFlag.hardLink,
      size: 0,
      dropRecord: (key) => this.#isDropped(key),
    };
    this.#builder.bytes(rewriteHeader(header, changes));
  }

  /** A link that comes before the data in its layer lies behind what was read by now: its header is in the index. */
  #copyLink({ layer, entry, inode }: TreeNode): void {
    const { table } = this.#index(layer);
    if (layer === inode?.layer && entry < inode.entry)
      this.#builder.header(layer, entry, table.rawLength[entry] ?? 0);
    else this.#copyEntry(layer, entry, table.headerStart[entry] ?? 0);
  }

  /** A header with the path the node has now. The data of a shared file brings its own type, target and size. */
  #rewritten(
    node: TreeNode,
    header: RawHeader,
    data: { layer: number; entry: number } = node,
  ): Buffer {
    const { table } = this.#index(data.layer);
    const flags = table.flags[data.entry] ?? 0;
    const sparse = table.sparse.get(data.entry);
    const type = node.kind === EntryType.file ? { type: TypeFlag.file } : {};
    const size =
      sparse === undefined
        ? (flags & EntryFlag.rewrite) === 0
          ? {}
          : { size: table.size[data.entry] ?? 0 }
        : { size: sparse.realSize };
    const path = pathOf(node);
    return rewriteHeader(header, {
      name: node.kind === EntryType.directory ? `${path}/` : path,
      linkname: header.linkname,
      dropRecord: (key) => this.#isDropped(key),
      ...type,
      ...size,
    });
  }

  #planParents(node: TreeNode): void {
    const { parent } = node;
    if (parent === undefined || parent.planned) return;
    this.#planDirectory(parent);
  }

  #planDirectory(node: TreeNode): void {
    this.#planParents(node);
    node.planned = true;
    this.#writeDirectoryHeader(node);
    this.#planMarkers(node);
  }

  /** The header of a directory that is written before its turn, or that no entry describes (rule 16). */
  #writeDirectoryHeader(node: TreeNode): void {
    if (node.entry === NO_ENTRY) {
      this.#builder.bytes(writeTarHeader({ name: `${pathOf(node)}/`, type: TypeFlag.directory }));
    } else if (this.#canCopy(node)) {
      this.#builder.header(
        node.layer,
        node.entry,
        this.#index(node.layer).table.rawLength[node.entry] ?? 0,
      );
    } else this.#builder.bytes(this.#rewritten(node, this.#raw(node.layer, node.entry)));
  }

  /** What a partial squash hides of the kept layers, right behind the directory's own entry. */
  #planMarkers(node: TreeNode): void {
    if (this.#keep === 0) return;
    if (node.fresh) {
      const { parent } = node;
      if (parent !== undefined && !parent.fresh && parent.lost?.get(node.name) === true)
        this.#planMarker(node, OPAQUE);
      return;
    }
    if (node.emptied) {
      this.#planMarker(node, OPAQUE);
      return;
    }
    for (const name of node.lost?.keys() ?? []) {
      if (node.children?.has(name) !== true) this.#planMarker(node, `${WHITEOUT}${name}`);
    }
  }

  #planMarker(directory: TreeNode, name: string): void {
    const path = pathOf(directory);
    this.#builder.bytes(writeTarHeader({ name: path === "" ? name : `${path}/${name}`, mode: 0 }));
  }

  /** Directories that nothing led to: implied and empty ones, and those of kept layers that only lost something. */
  #planRest(node: TreeNode): void {
    for (const child of node.children?.values() ?? []) {
      if (child.kind !== EntryType.directory) continue;
      if (!child.planned && (child.fresh || child.emptied || (child.lost?.size ?? 0) > 0))
        this.#planDirectory(child);
      this.#planRest(child);
    }
  }

  #raw(layer: number, entry: number): RawHeader {
    const { table } = this.#index(layer);
    const reader = this.#headers[layer];
    if (reader === undefined) throw new RangeError(`no layer ${layer}`);
    return parseRawHeader(reader.read(table.rawStart[entry] ?? 0, table.rawLength[entry] ?? 0));
  }

  #index(layer: number): LayerIndex {
    const index = this.#indexes[layer];
    if (index === undefined) throw new RangeError(`no layer ${layer}`);
    return index;
  }
}
