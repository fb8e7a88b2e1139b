import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";

import { runTool } from "./run-tool.ts";
import type { Subject } from "./subject.ts";

/** More than what most subjects write. */
const SETTLE_MEBIBYTES = 800;

/** One run of one subject. */
export interface Row {
  readonly subject: string;
  readonly kind: Subject["kind"];
  readonly round: number;
  readonly wallSeconds: number;
  /** User and system time of the script and everything it waited for. */
  readonly cpuSeconds: number;
  /** Peak resident memory of its largest process. */
  readonly peakBytes: number;
  readonly outputBytes: number | undefined;
  /** Load average of the last minute just before the run. */
  readonly load: number;
}

/**
 * Runs a subject once and measures it.
 *
 * GNU time stands between us and the script: it gives the resource usage of the whole tree, and it is small. A process
 * that Node itself started would count Node's own memory as its peak, since Linux keeps the peak over exec.
 *
 * @param folder an existing folder for the report of `time` and for what {@link settle} writes
 * @throws when the script fails, with the end of what it said
 */
export async function measure(subject: Subject, round: number, folder: string): Promise<Row> {
  if (subject.output !== undefined) await rm(subject.output, { recursive: true, force: true });
  await settle(folder);
  const [load = 0] = loadavg();
  try {
    const usage = await runTimed(subject, join(folder, "time"));
    const outputBytes = subject.output === undefined ? undefined : await sizeOf(subject.output);
    return { subject: subject.name, kind: subject.kind, round, ...usage, outputBytes, load };
  } finally {
    if (subject.cleanUp !== undefined) await runTool("sh", ["-c", subject.cleanUp]);
  }
}

/**
 * Puts the page cache into the same state before each run: nothing of an earlier run is on its way to the disk, and there
 * are free pages that were used a moment ago. On a virtual machine the first use of a page costs several times what the
 * copy into it costs, and who runs after a large deletion would be spared that.
 */
async function settle(folder: string): Promise<void> {
  const file = join(folder, "settle");
  await runTool("dd", [
    "if=/dev/zero",
    `of=${file}`,
    "bs=1M",
    `count=${SETTLE_MEBIBYTES}`,
    "conv=fsync",
  ]);
  await rm(file);
  await runTool("sync", []);
}

async function runTimed(
  { name, script }: Subject,
  report: string,
): Promise<Pick<Row, "wallSeconds" | "cpuSeconds" | "peakBytes">> {
  const started = process.hrtime.bigint();
  const child = spawn(
    "/usr/bin/time",
    ["--quiet", "-o", report, "-f", "%U %S %M", "sh", "-e", "-c", script],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (said = (said + text).slice(-4000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const wallSeconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (code !== 0) throw new Error(`${name} ended with code ${code}:\n${said.trim()}`);
  const [user = 0, system = 0, peakKibibytes = 0] = (await readFile(report, "utf8"))
    .trim()
    .split(" ")
    .map(Number);
  return { wallSeconds, cpuSeconds: user + system, peakBytes: peakKibibytes * 1024 };
}

/** Bytes of a file, or of all files below a folder. */
async function sizeOf(path: string): Promise<number> {
  const answer = await runTool("du", ["--summarize", "--bytes", path]);
  return Number.parseInt(answer, 10);
}
