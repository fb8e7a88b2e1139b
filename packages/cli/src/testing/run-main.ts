import { main } from "../main.ts";

/** What a run in this process has left. */
export interface MainRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process, without a terminal: faster than `runWharf` where neither pipes nor signals matter. */
export async function runMain(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<MainRun> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(argv, {
    stdout: { write: (text) => out.push(text), columns: 100 },
    stderr: { write: (text) => err.push(text) },
    env,
    isTerminal: () => false,
    signal: new AbortController().signal,
    onHangup: () => {},
  });
  return { code, stdout: out.join(""), stderr: err.join("") };
}
