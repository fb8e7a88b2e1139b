import { join } from "node:path";

import { run, type CommandOptions } from "./command.ts";

/** The command as a user of the clone runs it; the search path has the pinned Node first or any other. */
export const WHARF = join(import.meta.dirname, "../packages/cli/bin/wharf.mjs");

/** Runs `wharf`. */
export function wharf(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return run("node", [WHARF, ...args], options);
}
