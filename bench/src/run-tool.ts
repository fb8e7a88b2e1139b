import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Runs a program to its end, outside of any measurement.
 *
 * @returns its standard output, trimmed
 * @throws with the end of its standard error when it is missing or fails
 */
export async function runTool(
  program: string,
  args: readonly string[],
  options: { cwd?: string } = {},
): Promise<string> {
  const { stdout } = await run(program, args, { ...options, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}
