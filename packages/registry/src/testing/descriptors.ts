import { readdirSync, readlinkSync } from "node:fs";

/** What the open descriptors of this process lead to, where the machine tells (Linux); empty elsewhere. */
export function descriptors(): string[] {
  try {
    return readdirSync("/proc/self/fd").map(targetOf);
  } catch {
    return [];
  }
}

function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // closed meanwhile
  }
}
