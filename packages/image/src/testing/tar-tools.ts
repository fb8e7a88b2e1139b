// For tests: what GNU tar and bsdtar make of a tar.
import { execFile, spawnSync } from "node:child_process";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A tar program whose opinion counts. */
export type TarTool = "tar" | "bsdtar";

export const TAR_TOOLS: readonly TarTool[] = ["tar", "bsdtar"];

export function isInstalled(tool: TarTool): boolean {
  return spawnSync(tool, ["--version"]).status === 0;
}

/** One entry as a tool lists it; names are bytes as latin1 strings. */
export interface ListedEntry {
  /** As `ls -l` shows it, for example `-rw-r--r--`. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Name, and behind an arrow or `link to` where it leads. */
  readonly name: string;
}

/** Lists a tar; fails where the tool warns. */
export async function listWithTool(tool: TarTool, tar: Uint8Array): Promise<ListedEntry[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-tar-"));
  const path = join(folder.path, "made.tar");
  await writeFile(path, tar);
  const options = {
    encoding: "latin1",
    env: { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC" },
  } as const;
  const quoting = tool === "tar" ? ["--quoting-style=literal"] : [];
  const { stdout, stderr } = await run(
    tool,
    ["--numeric-owner", ...quoting, "-tvf", path],
    options,
  );
  if (stderr !== "") throw new Error(`${tool}: ${stderr}`);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(tool === "tar" ? gnuLine : bsdLine);
}

/** `-rw-r--r-- 0/0   3 1970-01-01 00:00 name` */
function gnuLine(line: string): ListedEntry {
  const match = /^(\S{10}) (\d+)\/(\d+) +(\S+) \S+ \S+ (.*)$/.exec(line);
  if (match === null) throw new Error(`not understood: ${line}`);
  const [, mode = "", uid, gid, size = "", name = ""] = match;
  return { mode, uid: Number(uid), gid: Number(gid), size: sizeOf(size), name };
}

/** `-rw-r--r--  0 0      0           3 Jan  1  1970 name` */
function bsdLine(line: string): ListedEntry {
  const match = /^(\S{10}) +\d+ (\d+) +(\d+) +(\S+) \S+ +\d+ +\S+ (.*)$/.exec(line);
  if (match === null) throw new Error(`not understood: ${line}`);
  const [, mode = "", uid, gid, size = "", name = ""] = match;
  return { mode, uid: Number(uid), gid: Number(gid), size: sizeOf(size), name: unescaped(name) };
}

/** bsdtar shows bytes that are no ASCII in octal. */
function unescaped(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Devices show two numbers in place of the size. */
function sizeOf(text: string): number {
  return text.includes(",") ? 0 : Number(text);
}
