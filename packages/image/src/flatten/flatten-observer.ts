import { DeadWeightList } from "./dead-weight-list.ts";
import type { EntryTable } from "../layer/entry-table.ts";
import type { StackObserver } from "./layer-stack.ts";
import { printablePath } from "../printable-path.ts";
import type { DeadWeight, SquashWarning } from "../squash/squash-report.ts";
import { EntryType } from "../tar/entry-type.ts";
import { paddedSize } from "../tar/tar-header.ts";
import { NO_ENTRY, pathOf } from "./tree-node.ts";
import type { Inode, TreeNode } from "./tree-node.ts";

/** Warnings kept of all layers together. */
const MAX_WARNINGS = 10_000;

/** What a layer did to those below it, in paths. */
export interface LayerEffect {
  added: number;
  changed: number;
  hidden: number;
}

/** Counts what layers add, change and hide while they are stacked, and remembers what is carried for nothing. */
export class FlattenObserver implements StackObserver {
  readonly effects: LayerEffect[];
  readonly warnings: SquashWarning[] = [];
  readonly #tables: readonly EntryTable[];
  readonly #deadWeight = new DeadWeightList();
  /** Names of shared files that were hidden: their data may live on under another name. */
  readonly #sharedNames: { inode: Inode; hiddenBy: number; path: string }[] = [];

  constructor(tables: readonly EntryTable[]) {
    this.#tables = tables;
    this.effects = tables.map(() => ({ added: 0, changed: 0, hidden: 0 }));
  }

  onAdded(node: TreeNode, layer: number): void {
    this.#effect(layer).added += countPaths(node);
  }

  onChanged(node: TreeNode, layer: number): void {
    this.#effect(layer).changed++;
    if (node.kind !== EntryType.directory) this.#bury(node, layer);
  }

  onHidden(node: TreeNode, layer: number): void {
    this.#effect(layer).hidden += countPaths(node);
    this.#bury(node, layer);
  }

  /** An entry that a later one of the same layer replaces. */
  onReplaced(node: TreeNode, layer: number): void {
    this.#bury(node, layer);
  }

  warn(rule: number, message: string, path: string | undefined, layer = 0): void {
    if (this.warnings.length < MAX_WARNINGS) {
      const place = path === undefined ? {} : { path: printablePath(path) };
      this.warnings.push({ layer: layer + 1, ...place, message, rule });
    }
  }

  /** Rows of the report, once it is known which shared files are left. */
  deadWeight(): readonly DeadWeight[] {
    const told = new Set<Inode>();
    for (const { inode, hiddenBy, path } of this.#sharedNames) {
      if (inode.names.length > 0 || told.has(inode)) continue;
      told.add(inode);
      this.#deadWeight.add(
        entryBytes(this.#table(inode.layer), inode.entry),
        inode.layer,
        hiddenBy,
        () => path,
      );
    }
    return this.#deadWeight.rows();
  }

  /** One row for each layer that has bytes in the subtree. */
  #bury(node: TreeNode, hiddenBy: number): void {
    const bytes = new Map<number, number>();
    this.#sum(node, bytes, hiddenBy);
    for (const [layer, sum] of bytes) {
      this.#deadWeight.add(sum, layer, hiddenBy, () => printablePath(pathOf(node)));
    }
  }

  #sum(node: TreeNode, bytes: Map<number, number>, hiddenBy: number): void {
    if (node.inode !== undefined) {
      if (this.#sharedNames.length < 100_000) {
        this.#sharedNames.push({ inode: node.inode, hiddenBy, path: printablePath(pathOf(node)) });
      }
    } else if (node.entry !== NO_ENTRY) {
      bytes.set(
        node.layer,
        (bytes.get(node.layer) ?? 0) + entryBytes(this.#table(node.layer), node.entry),
      );
    }
    for (const child of node.children?.values() ?? []) this.#sum(child, bytes, hiddenBy);
  }

  #effect(layer: number): LayerEffect {
    const effect = this.effects[layer];
    if (effect === undefined) throw new RangeError(`no layer ${layer}`);
    return effect;
  }

  #table(layer: number): EntryTable {
    const table = this.#tables[layer];
    if (table === undefined) throw new RangeError(`no layer ${layer}`);
    return table;
  }
}

/** Tar bytes of an entry: headers, data and padding. */
export function entryBytes(table: EntryTable, entry: number): number {
  return (table.headerLength[entry] ?? 0) + paddedSize(table.size[entry] ?? 0);
}

function countPaths(node: TreeNode): number {
  let count = 1;
  for (const child of node.children?.values() ?? []) count += countPaths(child);
  return count;
}
