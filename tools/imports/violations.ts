import { glob, readFile } from "node:fs/promises";
import { join, posix } from "node:path";

import { cycles } from "./cycles.ts";
import { ROOMS, roomOf, type Room } from "./rooms.ts";
import { sourceImports, type SourceImport } from "./source-imports.ts";
import { tokens } from "./tokens.ts";

const SOURCES = "{packages,e2e,bench,tools}/**/*.{ts,tsx,mts,js,jsx,mjs}";

/**
 * Checks every source file of the project against the rules of {@link ROOMS}, and that no files import each other
 * in a circle at run time.
 *
 * @param root the root of the repository
 * @returns one line for each violation, `file:line: what is wrong`, sorted; empty when the house is in order
 */
export async function importViolations(root: string): Promise<string[]> {
  const files = await Array.fromAsync(
    glob(SOURCES, { cwd: root, exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path) }),
  );
  const packages = await packagesOf(root);
  const found: string[] = [];
  const graph = new Map<string, string[]>();
  for (const file of files.toSorted()) {
    const source = await readFile(join(root, file), "utf8");
    const runtime: string[] = [];
    for (const entry of sourceImports(source)) {
      const target = targetOf(file, entry, packages);
      if (target?.file !== undefined && !entry.typeOnly) runtime.push(target.file);
      for (const fault of faultsOf(file, entry, target))
        found.push(`${file}:${entry.line}: ${fault}`);
    }
    graph.set(file, runtime);
    for (const { name, line } of forbiddenGlobals(file, source)) {
      found.push(`${file}:${line}: ${roomOf(file)} must not use ${name}`);
    }
  }
  for (const cycle of cycles(graph)) {
    found.push(`${cycle[0]}:1: import cycle ${[...cycle, cycle[0]].join(" -> ")}`);
  }
  return found.toSorted();
}

/** Where an import leads: a room of ours, and the file when it is known. */
interface Target {
  readonly room: string | undefined;
  readonly file: string | undefined;
  readonly relative: boolean;
}

interface OwnPackage {
  readonly room: string;
  readonly main: string | undefined;
}

function targetOf(
  file: string,
  { specifier }: SourceImport,
  packages: ReadonlyMap<string, OwnPackage>,
): Target | undefined {
  if (specifier === undefined) return undefined;
  if (/^\.{0,2}\//.test(specifier) || specifier === "." || specifier === "..") {
    const path = specifier.startsWith("/") ? specifier : posix.join(posix.dirname(file), specifier);
    return { room: roomOf(path), file: path, relative: true };
  }
  for (const [name, { room, main }] of packages) {
    if (specifier === name) return { room, file: main, relative: false };
    if (specifier.startsWith(`${name}/`)) return { room, file: undefined, relative: false };
  }
  return undefined;
}

function* faultsOf(
  file: string,
  entry: SourceImport,
  target: Target | undefined,
): Generator<string> {
  const own = roomOf(file);
  const rules = own === undefined ? undefined : ROOMS.get(own);
  if (own === undefined || rules === undefined) {
    yield `${own} has no entry in tools/imports/rooms.ts`;
    return;
  }
  if (entry.specifier === undefined) {
    yield "an import whose target is computed cannot be checked";
    return;
  }
  if (rules.forbidden?.has(entry.specifier.replace(/^node:/, "")) === true) {
    yield `${own} must not import ${entry.specifier}`;
  }
  if (target === undefined || target.room === own) return;
  if (target.relative) {
    yield `${entry.specifier} reaches out of ${own} by path`;
  } else if (target.room !== undefined && !mayImport(rules, target.room)) {
    yield `${own} must not import ${target.room}`;
  } else if (rules.typesOnly === true && !entry.typeOnly) {
    yield `${own} may import only types of ${target.room}`;
  }
}

function mayImport(rules: Room, room: string): boolean {
  return rules.mayImport === "all" ? room.startsWith("packages/") : rules.mayImport.includes(room);
}

/** Calls and constructions of a forbidden global; a method of that name is another thing. */
function* forbiddenGlobals(
  file: string,
  source: string,
): Generator<{ name: string; line: number }> {
  const forbidden = ROOMS.get(roomOf(file) ?? "")?.forbidden;
  if (forbidden === undefined) return;
  const all = [...tokens(source)];
  for (const [index, { type, text, line }] of all.entries()) {
    if (type !== "word" || !forbidden.has(text) || all[index + 1]?.text !== "(") continue;
    const before = all[index - 1]?.text;
    if (before !== "." || all[index - 2]?.text === "globalThis") yield { name: text, line };
  }
}

/** Our packages by name, with the file that `import "name"` gives. */
async function packagesOf(root: string): Promise<Map<string, OwnPackage>> {
  const found = new Map<string, OwnPackage>();
  for await (const path of glob("{packages/*,e2e,bench,tools}/package.json", { cwd: root })) {
    const manifest: unknown = JSON.parse(await readFile(join(root, path), "utf8"));
    const { name, exports } = manifest as { name?: string; exports?: Record<string, unknown> }; // our own files
    const room = posix.dirname(path);
    const main = exports?.["."];
    if (name === undefined) continue;
    found.set(name, { room, main: typeof main === "string" ? posix.join(room, main) : undefined });
  }
  return found;
}
