import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";

import type { ObjectEntry } from "../blob-store.ts";
import { UPLOADS } from "../key-syntax.ts";
import { unlessAbsent } from "./file-error.ts";
import type { FolderLayout } from "./folder-layout.ts";

/** Every object in a store's folder whose key begins with `prefix`. What vanishes meanwhile is left out. */
export async function* walkObjects(
  layout: FolderLayout,
  prefix: string,
): AsyncGenerator<ObjectEntry> {
  yield* walkFolder(layout, prefix, []);
}

async function* walkFolder(
  layout: FolderLayout,
  prefix: string,
  folders: readonly string[],
): AsyncGenerator<ObjectEntry> {
  const here = layout.keyPrefix(folders);
  if (here === UPLOADS || !(here.startsWith(prefix) || prefix.startsWith(here))) return;
  const folder = join(layout.root, ...folders);
  const entries = await opendir(folder, { bufferSize: 512 }).catch(unlessAbsent);
  if (entries === undefined) return;
  for await (const entry of entries) {
    if (entry.isDirectory()) {
      yield* walkFolder(layout, prefix, [...folders, entry.name]);
      continue;
    }
    const key = entry.isFile() ? layout.keyOf(folders, entry.name) : undefined;
    if (key === undefined || !key.startsWith(prefix)) continue;
    const status = await lstat(join(folder, entry.name)).catch(unlessAbsent);
    if (status !== undefined) yield { key, size: status.size, changedAt: status.ctimeMs };
  }
}
