import { posix } from "node:path";

import type { DemoEntry } from "./demo-entry.ts";
import { hostFile } from "./host-files.ts";

/** The Node this process runs on, with all it needs to run in a container. */
export interface Runtime {
  readonly entries: readonly DemoEntry[];
  /** Folders of the shared libraries, for LD_LIBRARY_PATH: hosts keep them in different places. */
  readonly libraryFolders: readonly string[];
  /** Is it a Linux program, which containers can run? */
  readonly runs: boolean;
}

/** Collects the binary and, on Linux, the shared libraries and the loader that this process has loaded. */
export async function nodeRuntime(): Promise<Runtime> {
  const libraries = process.platform === "linux" ? loadedLibraries() : [];
  const folders = [...new Set(libraries.map((library) => posix.dirname(library)))];
  const entries: DemoEntry[] = [
    ...["etc", "root", "usr", "usr/local", "usr/local/bin"].map((path) => ({
      kind: "directory" as const,
      path,
    })),
    { kind: "directory", path: "tmp", mode: 0o1777 },
    { kind: "text", path: "etc/passwd", text: "root:x:0:0:root:/root:/sbin/nologin\n" },
    { kind: "text", path: "etc/group", text: "root:x:0:\n" },
    ...parentsOf(folders).map((path) => ({ kind: "directory" as const, path })),
    await hostFile("usr/local/bin/node", process.execPath),
  ];
  for (const library of libraries) entries.push(await hostFile(library.slice(1), library));
  return { entries, libraryFolders: folders, runs: process.platform === "linux" };
}

/** Node lists what the dynamic loader mapped, the loader itself included; the vDSO is no file. */
function loadedLibraries(): string[] {
  // Not yet in the types: without it the report asks the DNS for all local addresses.
  Reflect.set(process.report, "excludeNetwork", true);
  // The type of a report is only `object`; its form is documented in Node's "Diagnostic report".
  const report = process.report.getReport() as { sharedObjects?: unknown };
  const objects = Array.isArray(report.sharedObjects) ? report.sharedObjects : [];
  return objects.filter((path): path is string => typeof path === "string" && path.startsWith("/"));
}

/** All folders on the way, each once, parents first, without those that are there already. */
function parentsOf(folders: readonly string[]): string[] {
  const paths = folders.flatMap((folder) => {
    const parts = folder.split("/").filter((part) => part !== "");
    return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  });
  return [...new Set(paths)].filter((path) => path !== "usr" && path !== "usr/local").toSorted();
}
