import { spawn } from "node:child_process";

/** How a command ended. Output is decoded as latin1, so that no byte is lost. */
export interface Ending {
  /** -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Runs a command to its end.
 *
 * @returns what it printed to standard output
 * @throws when it does not end with code 0; the message has the whole command and its standard error
 */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await ending(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${[command, ...args].join(" ")}\nended with ${code}:\n${stderr}${stdout}`);
}

/** Runs a line of bash, in which any part of a pipe that fails fails the line. The words are `$1`, `$2` … */
export function shell(
  line: string,
  words: readonly string[] = [],
  options: CommandOptions = {},
): Promise<string> {
  return run("bash", ["-euo", "pipefail", "-c", line, "bash", ...words], options);
}

/** Runs a command and tells how it ended, whatever the code. */
export function ending(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ending> {
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  const child = spawn(command, args, {
    ...options,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.on("error", reject);
  child.on("close", (code) => {
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString("latin1");
    resolve({ code: code ?? -1, stdout: text(stdout), stderr: text(stderr) });
  });
  return promise;
}
