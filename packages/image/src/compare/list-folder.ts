import { cleanComponents } from "../flatten/clean-path.ts";
import { decodeLayerIndex } from "../layer/layer-index-file.ts";
import type { Limits } from "../limits.ts";
import { printablePath } from "../printable-path.ts";
import type { ImageThreads } from "../threads/image-threads.ts";
import { checkedLayers } from "./compare-index-files.ts";
import { FactsReader } from "./file-facts.ts";
import { FILE_TYPES } from "./file-change.ts";
import type { FileType } from "./file-change.ts";
import { childNamed, isDirectory, mergedFiles, nameAt } from "./merged-files.ts";
import type { MergedFiles } from "./merged-files.ts";

/** A name in a folder of an image. */
export interface FolderEntry {
  /** Printable. */
  readonly name: string;
  readonly type: FileType;
  /** Bytes of data; 0 for what has none. */
  readonly size: number;
  /** Permission bits; this and what follows is undefined for a directory that no layer tells of. */
  readonly mode: number | undefined;
  readonly uid: string | undefined;
  readonly gid: string | undefined;
  /** Seconds since 1970, with a fraction where there is one. */
  readonly mtime: string | undefined;
  /** Where a symbolic link leads, printable. */
  readonly target: string | undefined;
  /** Layer that has it, counted from 0. */
  readonly layer: number;
}

export interface FolderPage {
  readonly entries: readonly FolderEntry[];
  /** How many there are in the folder. */
  readonly total: number;
}

/** What goes to a thread. */
export interface FolderRequest {
  /** As they are stored, lowest layer first. */
  readonly indexes: readonly Uint8Array[];
  /** From the root; the root itself is empty. UTF-8. */
  readonly path: string;
  /** Entries in the order of their names. */
  readonly from: number;
  readonly limit: number;
  readonly limits: Limits | undefined;
}

/**
 * Lists a folder of an image, all layers put together, by their stored indexes. Symbolic links on the way are not
 * followed.
 *
 * @returns undefined when there is no such folder
 * @throws {ImageError} as `compareIndexFiles`
 */
export async function listFolder(
  { indexes, ...request }: FolderRequest,
  { threads, signal }: { readonly threads: ImageThreads; readonly signal?: AbortSignal },
): Promise<FolderPage | undefined> {
  // Copies of their own size: a view takes all of its buffer to the thread.
  const own = indexes.map((bytes) => new Uint8Array(bytes));
  return await threads.run("folder", { ...request, indexes: own }, { signal });
}

/** What a thread does of {@link listFolder}. */
export function listDecoded(request: FolderRequest): FolderPage | undefined {
  const { indexes, path, from, limit, limits } = request;
  const decoded = indexes.map((bytes) => decodeLayerIndex(bytes, limits));
  const files = mergedFiles(checkedLayers(decoded, [...decoded.keys()], limits), limits);
  const folder = findFolder(files, path);
  if (folder === undefined) return undefined;
  const facts = new FactsReader(files);
  const first = files.firstChild[folder] ?? 0;
  const total = files.childCount[folder] ?? 0;
  const entries: FolderEntry[] = [];
  for (let at = from; at < Math.min(total, from + limit); at++) {
    entries.push(entryAt(files, facts, first + at));
  }
  return { entries, total };
}

function findFolder(files: MergedFiles, path: string): number | undefined {
  let at: number | undefined = 0;
  for (const component of cleanComponents(Buffer.from(path, "utf8").toString("latin1"))) {
    at = childNamed(files, at, component);
    if (at === undefined || !isDirectory(files, at)) return undefined;
  }
  return at;
}

function entryAt(files: MergedFiles, reader: FactsReader, at: number): FolderEntry {
  const facts = reader.facts(at);
  const type = FILE_TYPES[files.kind[at] ?? 0] ?? "file";
  return {
    name: printablePath(nameAt(files, at)),
    type,
    size: reader.size(at),
    mode: facts?.mode,
    uid: facts?.uid,
    gid: facts?.gid,
    mtime: facts?.mtime,
    target: type === "symlink" ? printablePath(reader.target(at)) : undefined,
    layer: files.layer[at] ?? 0,
  };
}
