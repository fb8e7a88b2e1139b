import { loadavg } from "node:os";

import { processUsage } from "../servers/process-usage.ts";
import type { Server } from "../servers/server.ts";

/** What one run of one case did. */
export interface Work {
  /** Requests, or bytes where that is what is counted. */
  readonly amount: number;
  readonly seconds: number;
  /** Milliseconds; only where single requests were timed. */
  readonly p99?: number;
}

/** One run of one case on one server. */
export interface Figure extends Work {
  readonly case: string;
  readonly server: string;
  readonly round: number;
  /** Of the server's process with its threads. */
  readonly cpuSeconds: number;
  /** Load average of the last minute just before. */
  readonly load: number;
}

/** Runs a case once and reads what the server's process spent on it. */
export async function measureWork(
  name: string,
  server: Server,
  round: number,
  run: () => Promise<Work>,
): Promise<Figure> {
  const [load = 0] = loadavg();
  const before = await processUsage(server.pid);
  const work = await run();
  const after = await processUsage(server.pid);
  return {
    case: name,
    server: server.name,
    round,
    ...work,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    load,
  };
}
