import { readFile } from "node:fs/promises";

import type { Usage } from "./server.ts";

/** What Linux shows its clock in (USER_HZ). */
const TICKS = 100;

/** Reads what a process has used, its threads included (proc(5)). */
export async function processUsage(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  // The name in parentheses may hold anything; utime and stime are the 12th and 13th field behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const kibibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  return {
    cpuSeconds: ticks / TICKS,
    residentBytes: kibibytes("VmRSS") * 1024,
    peakBytes: kibibytes("VmHWM") * 1024,
  };
}
