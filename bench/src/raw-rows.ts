import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { cloneRoot } from "./cache-root.ts";
import type { Machine } from "./machine.ts";

/**
 * Keeps every single run of a suite, so that a doubt can be settled later. Git-ignored.
 *
 * @returns the path of the file
 */
export async function keepRawRows(
  suite: string,
  machine: Machine,
  rows: readonly object[],
): Promise<string> {
  const folder = join(cloneRoot, "bench", "results");
  await mkdir(folder, { recursive: true });
  const when = new Date().toISOString().replaceAll(":", "-").slice(0, 19);
  const path = join(folder, `raw-${suite}-${when}.json`);
  await writeFile(path, JSON.stringify({ suite, machine, rows }, undefined, 1));
  return path;
}
