import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "../cache-root.ts";
import { runTool } from "../run-tool.ts";

/** What is asked for, and how. */
export interface LoadPlan {
  /** `127.0.0.1:5000`. */
  readonly host: string;
  readonly connections: number;
  /** No request begins after so many seconds. */
  readonly seconds?: number;
  /** Requests at most. */
  readonly requests?: number;
  readonly method?: "GET" | "HEAD";
  /** Asked for in turn. */
  readonly paths: readonly string[];
  /** Each request wants so many bytes, one stretch after the other of `size`. */
  readonly range?: { readonly bytes: number; readonly size: number };
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came of it; times in milliseconds. */
export interface LoadResult {
  readonly seconds: number;
  readonly requests: number;
  /** Of the bodies. */
  readonly bytes: number;
  /** First byte of the first answer. */
  readonly firstByte: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Runs the small client of `load.c`, compiled with `cc` when it has changed.
 *
 * @throws when an answer is not 200 or 206, or the server closes a connection
 */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const program = await compiled();
  const folder = join(cacheRoot, "load");
  const headers = join(folder, "headers");
  const paths = join(folder, "paths");
  const lines = Object.entries(plan.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  await writeFile(headers, lines.join(""));
  await writeFile(paths, plan.paths.join("\n"));
  const [host = "", port = ""] = plan.host.split(":");
  const numbers = [plan.connections, plan.seconds ?? 0, plan.requests ?? 0].map(String);
  const range = [plan.range?.bytes ?? 0, plan.range?.size ?? 0].map(String);
  const args = [host, port, ...numbers, plan.method ?? "GET", ...range, headers, paths];
  return JSON.parse(await runTool(program, args)) as LoadResult; // printed by load.c
}

async function compiled(): Promise<string> {
  const source = join(import.meta.dirname, "load.c");
  const folder = join(cacheRoot, "load");
  const program = join(folder, "load");
  await mkdir(folder, { recursive: true });
  const [made, changed] = await Promise.all([
    stat(program).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    ),
    stat(source).then(({ mtimeMs }) => mtimeMs),
  ]);
  if (made < changed) await runTool("cc", ["-O2", "-o", program, source]);
  return program;
}
