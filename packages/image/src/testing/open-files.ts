import { readdirSync, readlinkSync } from "node:fs";

/** For tests: how many of the files that the process holds open lie below a folder, with or without a name. */
export function openFiles(folder: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => targetOf(fd).startsWith(folder)).length;
}

function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // the descriptor of the listing itself
  }
}
