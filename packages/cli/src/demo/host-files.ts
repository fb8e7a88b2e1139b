import { readdir, realpath, stat } from "node:fs/promises";
import { join, posix } from "node:path";

import type { DemoEntry } from "./demo-entry.ts";

/**
 * A file of this machine as an entry; a symbolic link is followed.
 *
 * @param path in the image, without a slash in front
 */
export async function hostFile(path: string, hostPath: string): Promise<DemoEntry> {
  const { mode, size } = await stat(hostPath);
  return { kind: "file", path, hostPath: await realpath(hostPath), mode: mode & 0o777, size };
}

/**
 * A folder of this machine with all its files, in order; links in it are left out.
 *
 * @returns nothing when there is no such folder
 */
export async function hostFolder(path: string, hostPath: string): Promise<DemoEntry[]> {
  const children = await readdir(hostPath, { withFileTypes: true }).catch(() => undefined);
  if (children === undefined) return [];
  const entries: DemoEntry[] = [{ kind: "directory", path }];
  for (const child of children.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = posix.join(path, child.name);
    const onHost = join(hostPath, child.name);
    if (child.isDirectory()) entries.push(...(await hostFolder(inside, onHost)));
    else if (child.isFile()) entries.push(await hostFile(inside, onHost));
  }
  return entries;
}
