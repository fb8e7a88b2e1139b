import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/wharf.mjs", import.meta.url));

/** What a finished run left. */
export interface WharfRun {
  /** Exit code; null when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs the real command as a process of its own, without a terminal, and waits for its end. */
export async function runWharf(
  args: readonly string[],
  options: { stdin?: Uint8Array | number } = {},
): Promise<WharfRun> {
  const { stdin = Buffer.alloc(0) } = options;
  const child = startWharf(args, typeof stdin === "number" ? stdin : "pipe");
  // A command that ends early closes the pipe.
  child.stdin?.on("error", () => {});
  if (typeof stdin !== "number") child.stdin?.end(stdin);
  return await endOf(child);
}

/** Starts the command; `stdin` is a descriptor, or a pipe, `env` is added to the variables of this process. */
export function startWharf(
  args: readonly string[],
  stdin: number | "pipe" = "pipe",
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], {
    stdio: [stdin, "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
}

/** Collects what a started command still writes, until it ends. */
export async function endOf(child: ChildProcess): Promise<WharfRun> {
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout === null || child.stdout.destroyed ? Buffer.alloc(0) : buffer(child.stdout),
    child.stderr === null ? Buffer.alloc(0) : buffer(child.stderr),
    once(child, "close"),
  ]);
  return { code: typeof code === "number" ? code : null, stdout, stderr: stderr.toString() };
}
