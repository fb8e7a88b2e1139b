import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";

/**
 * Runs lines of code as a module in a process of their own, whose standard input and output are what they are about.
 *
 * @param source imports by absolute address
 */
export function runModule(source: string, stdio: StdioOptions): ChildProcess {
  return spawn(process.execPath, ["--input-type=module", "--eval", source], { stdio });
}

/** The address of a module beside this folder, to be imported by {@link runModule}. */
export function addressOf(name: string): string {
  return JSON.stringify(new URL(`../${name}`, import.meta.url).href);
}
