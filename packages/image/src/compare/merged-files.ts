// One thing: a file system in columns. How it is laid out decides how it is made and how it is read.
import { stackLayers } from "../flatten/stack-layers.ts";
import type { TreeNode } from "../flatten/tree-node.ts";
import type { LayerIndex } from "../layer/layer-index.ts";
import type { Limits } from "../limits.ts";
import { EntryType } from "../tar/entry-type.ts";

/**
 * The names of an image, all layers put together, in columns: some 40 bytes each, where a tree has hundreds. The root
 * is number 0; the children of a directory follow each other, in the order of their names' bytes.
 */
export interface MergedFiles {
  readonly layers: readonly LayerIndex[];
  readonly count: number;
  readonly firstChild: Uint32Array;
  readonly childCount: Uint32Array;
  readonly nameStart: Float64Array;
  readonly nameLength: Uint16Array;
  readonly names: Buffer;
  /** `EntryType`, of what hard links share. */
  readonly kind: Uint8Array;
  /** Where the entry of the name is; for a directory the one whose metadata holds, `NO_ENTRY` when none does. */
  readonly layer: Uint16Array;
  readonly entry: Int32Array;
  /** Where the data is: somewhere else for a hard link. */
  readonly dataLayer: Uint16Array;
  readonly dataEntry: Int32Array;
  /** Entries of the layer of the data whose headers change it (rule 23), by number of the name. */
  readonly links: ReadonlyMap<number, readonly number[]>;
}

/**
 * Puts the layers of an image together.
 *
 * @param layers lowest first
 * @throws {ImageError} `damaged` when an entry has no meaning
 */
export function mergedFiles(layers: readonly LayerIndex[], limits?: Limits): MergedFiles {
  return new Columns(stackLayers(layers, { limits }), layers).fill();
}

class Columns {
  readonly #layers: readonly LayerIndex[];
  /** Breadth first, so that the children of a directory follow each other. */
  readonly #nodes: TreeNode[];

  constructor(root: TreeNode, layers: readonly LayerIndex[]) {
    this.#layers = layers;
    this.#nodes = [root];
  }

  fill(): MergedFiles {
    const nodes = this.#nodes;
    const starts: number[] = [];
    let nameBytes = 0;
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at];
      starts.push(nodes.length);
      nameBytes += node?.name.length ?? 0;
      // oxlint-disable-next-line unicorn/no-array-push-push -- a directory may have more than a call takes
      for (const child of sortedChildren(node)) nodes.push(child);
    }
    const count = nodes.length;
    const links = new Map<number, readonly number[]>();
    const files = {
      layers: this.#layers,
      count,
      firstChild: Uint32Array.from(starts),
      childCount: new Uint32Array(count),
      nameStart: new Float64Array(count),
      nameLength: new Uint16Array(count),
      names: Buffer.allocUnsafeSlow(nameBytes),
      kind: new Uint8Array(count),
      layer: new Uint16Array(count),
      entry: new Int32Array(count),
      dataLayer: new Uint16Array(count),
      dataEntry: new Int32Array(count),
      links,
    };
    let used = 0;
    for (const [at, node] of nodes.entries()) {
      files.childCount[at] = node.children?.size ?? 0;
      files.nameStart[at] = used;
      files.nameLength[at] = node.name.length;
      used += files.names.write(node.name, used, "latin1");
      files.kind[at] = node.kind;
      files.layer[at] = node.layer;
      files.entry[at] = node.entry;
      const data = node.inode ?? node;
      files.dataLayer[at] = data.layer;
      files.dataEntry[at] = data.entry;
      if (node.inode !== undefined && node.inode.links.length > 0) links.set(at, node.inode.links);
    }
    return files;
  }
}

function sortedChildren(node: TreeNode | undefined): TreeNode[] {
  const children = node?.children?.values().toArray() ?? [];
  return children.length < 2 ? children : children.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Bytes as a latin1 string. */
export function nameAt({ names, nameStart, nameLength }: MergedFiles, at: number): string {
  const start = nameStart[at] ?? 0;
  return names.toString("latin1", start, start + (nameLength[at] ?? 0));
}

export function isDirectory({ kind }: MergedFiles, at: number): boolean {
  return kind[at] === EntryType.directory;
}

/** The number of a child, found by halving; undefined: there is none of that name. */
export function childNamed(files: MergedFiles, parent: number, name: string): number | undefined {
  let low = files.firstChild[parent] ?? 0;
  let high = low + (files.childCount[parent] ?? 0);
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = nameAt(files, middle);
    if (found === name) return middle;
    if (found < name) low = middle + 1;
    else high = middle;
  }
  return undefined;
}
