import type { Tree, TreeEntry } from "./tree.ts";

/** What engines decide themselves about a directory that a layer has no entry for, so that it tells nothing. */
export interface DiffOptions {
  /** In nanoseconds since 1970: later times of directories are not compared, they are those of unpacking. */
  readonly unpackedSince?: bigint;
  /** podman gives the top of the tree a mode of its own. */
  readonly topMode?: "ignored";
}

/**
 * Explains how two file trees differ. The time of the top is not compared, because few layers have an entry for it.
 *
 * @returns one line for each difference, sorted by path; empty when there is none
 */
export function treeDiff(expected: Tree, actual: Tree, options: DiffOptions = {}): string[] {
  const lines: string[] = [];
  for (const path of [...new Set([...expected.keys(), ...actual.keys()])].toSorted()) {
    const want = expected.get(path);
    const have = actual.get(path);
    if (want === undefined) lines.push(`${quote(path)}: must not be there (${have?.type})`);
    else if (have === undefined) lines.push(`${quote(path)}: is missing (${want.type})`);
    else
      for (const difference of entryDiff(path, want, have, options))
        lines.push(`${quote(path)}: ${difference}`);
  }
  return lines;
}

function* entryDiff(
  path: string,
  want: TreeEntry,
  have: TreeEntry,
  options: DiffOptions,
): Generator<string> {
  for (const [property, expected, actual] of properties(want, have)) {
    if (expected === actual || isOfEngine(path, property, want, options)) continue;
    yield `${property} is ${show(actual)} instead of ${show(expected)}`;
  }
}

type Value = string | bigint | undefined;

function* properties(
  want: TreeEntry,
  have: TreeEntry,
): Generator<[property: string, expected: Value, actual: Value]> {
  yield ["type", want.type, have.type];
  yield ["mode", want.mode, have.mode];
  yield ["owner", want.owner, have.owner];
  yield ["mtime", want.mtime, have.mtime];
  yield ["size", want.size, have.size];
  yield ["content", want.sha256, have.sha256];
  yield ["target", want.target, have.target];
  yield ["device", want.device, have.device];
  yield ["names", want.names?.join(" = "), have.names?.join(" = ")];
  for (const name of new Set([...want.xattrs.keys(), ...have.xattrs.keys()])) {
    yield [`xattr ${name}`, want.xattrs.get(name), have.xattrs.get(name)];
  }
}

function isOfEngine(
  path: string,
  property: string,
  want: TreeEntry,
  options: DiffOptions,
): boolean {
  const { unpackedSince, topMode } = options;
  if (path === ".") return property === "mtime" || (property === "mode" && topMode === "ignored");
  const implied =
    want.type === "directory" && unpackedSince !== undefined && want.mtime >= unpackedSince;
  return property === "mtime" && implied;
}

function show(value: Value): string {
  return value === undefined ? "absent" : quote(String(value));
}

/** Bytes that are not printable ASCII as `\xNN`. */
function quote(text: string): string {
  return text.replaceAll(
    /[^\x20-\x7e]/g,
    (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
