import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { compareIndexFiles } from "../src/compare/compare-index-files.ts";
import type { Difference, FileChange } from "../src/compare/file-change.ts";
import { readFileChanges } from "../src/compare/file-changes.ts";
import type { FileChanges } from "../src/compare/file-changes.ts";
import { indexLayer } from "../src/layer/index-layer.ts";
import { encodeLayerIndex } from "../src/layer/layer-index-file.ts";
import { ChunkedSource } from "../src/testing/chunked-source.ts";
import { randomLayers } from "./random-layers.ts";
import { ModelError } from "./reference-layer.ts";
import { expectedTree } from "./reference-model.ts";
import { type EntrySpec, layerTar } from "./tar-builder.ts";
import type { Inode, Tree } from "./tree.ts";

const SEED = Number(process.env["WHARF_TEST_SEED"] ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env["WHARF_TEST_RUNS"] ?? 100);

test(`two images differ in what their trees differ in (WHARF_TEST_SEED=${SEED})`, async () => {
  // Mostly the second image is the first one with other layers on top.
  const shared = fc.nat({ max: 4 });
  const property = fc.asyncProperty(randomLayers, randomLayers, shared, async (low, high, keep) => {
    const base = low.map(layerTar);
    const head = [...low.slice(0, keep), ...high].map(layerTar);
    const was = treeOf(base);
    const is = treeOf(head);
    if (was === undefined || is === undefined) return;
    const changes = await compared(base, head);
    const rows = readFileChanges(changes, 0, 100_000).changes;
    checkRows(was, is, rows);
    assert.deepEqual(summed(rows), {
      added: changes.summary.added,
      removed: changes.summary.removed,
      changed: changes.summary.changed,
    });
    assert.deepEqual(changes.summary.base, { count: was.size, bytes: bytesOf(was) });
    assert.deepEqual(changes.summary.head, { count: is.size, bytes: bytesOf(is) });
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS });
});

/** Without the root; undefined when the rules call the image meaningless, or leave open what it shows. */
function treeOf(layers: readonly Buffer[]): Tree | undefined {
  try {
    const { tree, warnings } = expectedTree(layers);
    if (warnings.some(({ rule }) => rule === 22)) return undefined;
    return new Map([...tree].filter(([path]) => path !== "."));
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

async function compared(base: readonly Buffer[], head: readonly Buffer[]): Promise<FileChanges> {
  const files = new Map<string, Uint8Array>();
  const indexesOf = (tars: readonly Buffer[]): Promise<Uint8Array[]> =>
    Promise.all(
      tars.map(async (tar) => {
        const key = tar.toString("latin1");
        const made = files.get(key) ?? encodeLayerIndex(await indexLayer(new ChunkedSource(tar)));
        files.set(key, made);
        return made;
      }),
    );
  return await compareIndexFiles(await indexesOf(base), await indexesOf(head));
}

function checkRows(was: Tree, is: Tree, rows: readonly FileChange[]): void {
  const found = new Map(rows.map((row) => [row.path, row]));
  assert.equal(found.size, rows.length, "a path stands in two rows");
  for (const path of new Set([...was.keys(), ...is.keys()])) {
    const old = was.get(path);
    const young = is.get(path);
    const row = found.get(path);
    if (old === undefined || young === undefined) {
      assert.equal(row?.kind, old === undefined ? "added" : "removed", path);
      assert.equal(row.headSize, young === undefined ? null : young.content.length, path);
      assert.equal(row.baseSize, old === undefined ? null : old.content.length, path);
      continue;
    }
    const { time, ...certain } = Object.groupBy(row?.differences ?? [], (name) =>
      name === "time" ? "time" : "certain",
    );
    assert.deepEqual(certain.certain ?? [], differences(old, young), path);
    if (time !== undefined) {
      assert.ok(old.mtime !== young.mtime && old.content.length === young.content.length, path);
      assert.ok(old.type === "file" && old.content.length > 0, path);
    }
    const isHidden = !old.content.equals(young.content) && row === undefined;
    if (isHidden) assert.equal(old.mtime, young.mtime, `${path} has other bytes`);
  }
  const paths = new Set([...was.keys(), ...is.keys()]);
  assert.deepEqual(
    rows.filter(({ path }) => !paths.has(path)),
    [],
  );
}

/** What is certain, in the order in which it is told. */
function differences(was: Inode, is: Inode): Difference[] {
  if (was.type !== is.type) return ["type"];
  const found: Difference[] = [];
  if (was.content.length !== is.content.length) found.push("content");
  if (was.target !== is.target) found.push("target");
  if (isImplied(was) || isImplied(is)) return found;
  if (was.type !== "symlink" && was.mode !== is.mode) found.push("mode");
  if (was.uid !== is.uid || was.gid !== is.gid) found.push("owner");
  if (was.devmajor !== is.devmajor || was.devminor !== is.devminor) found.push("device");
  if (xattrsOf(was) !== xattrsOf(is)) found.push("xattrs");
  const order: readonly Difference[] = ["content", "mode", "owner", "target", "device", "xattrs"];
  return order.filter((name) => found.includes(name));
}

/** A directory that no entry tells of. */
function isImplied({ type, mtime }: Inode): boolean {
  return type === "dir" && mtime === "0";
}

function xattrsOf({ xattrs }: Inode): string {
  return JSON.stringify([...xattrs].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function bytesOf(tree: Tree): number {
  return [...tree.values()].reduce((sum, { content }) => sum + content.length, 0);
}

function summed(rows: readonly FileChange[]) {
  const of = (kind: FileChange["kind"]) => {
    const some = rows.filter((row) => row.kind === kind);
    const bytes = some.reduce((sum, row) => sum + (row.headSize ?? row.baseSize ?? 0), 0);
    return { count: some.length, bytes };
  };
  return { added: of("added"), removed: of("removed"), changed: of("changed") };
}

test("a page goes on where the one before ended, also with one kind alone", async () => {
  const files = (names: readonly string[], data: string): EntrySpec[] =>
    names.map((name) => ({ name, data }));
  const numbered = Array.from({ length: 700 }, (_, at) => `file${String(at).padStart(4, "0")}`);
  const base = [layerTar(files(numbered, "old"))];
  const even = numbered.filter((_, at) => at % 2 === 0);
  const head = [layerTar([...files(even, "longer"), ...files(["zz"], "new")])];
  const changes = await compared(base, head);
  const all = readFileChanges(changes, 0, 10_000);
  assert.equal(all.next, undefined);
  assert.deepEqual(
    all.changes.map(({ path }) => path),
    [...numbered, "zz"],
  );
  for (const kind of [undefined, "added", "removed", "changed"] as const) {
    const wanted = all.changes.filter((row) => kind === undefined || row.kind === kind);
    const found: FileChange[] = [];
    let at: number | undefined = 0;
    while (at !== undefined) {
      const page = readFileChanges(changes, at, 37, kind);
      assert.ok(page.changes.length <= 37);
      found.push(...page.changes);
      at = page.next;
    }
    assert.deepEqual(found, wanted);
  }
});
