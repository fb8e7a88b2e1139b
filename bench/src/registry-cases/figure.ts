import { loadavg } from "node:os";
import { setTimeout } from "node:timers/promises";

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
  /** Of the server's process with its threads, and with what it went on doing after the last answer. */
  readonly cpuSeconds: number;
  /** Load average of the last minute just before. */
  readonly load: number;
}

/** A server is at rest when it takes no more than this in {@link GLANCE}. */
const REST_SECONDS = 0.011;
const GLANCE = 250;
const LONGEST_WORK = 60_000;

/** Runs a case once and reads what the server's process spent on it, until it rests again. */
export async function measureWork(
  name: string,
  server: Server,
  round: number,
  run: () => Promise<Work>,
): Promise<Figure> {
  const [load = 0] = loadavg();
  const before = await processUsage(server.pid);
  const work = await run();
  const cpuSeconds = (await rest(server)) - before.cpuSeconds;
  return { case: name, server: server.name, round, ...work, cpuSeconds, load };
}

/** Waits until a server has done what it does by itself. @returns its CPU time since it started */
async function rest(server: Server): Promise<number> {
  let { cpuSeconds } = await processUsage(server.pid);
  for (let waited = 0; waited < LONGEST_WORK; waited += GLANCE) {
    await setTimeout(GLANCE);
    const after = await processUsage(server.pid);
    const spent = after.cpuSeconds - cpuSeconds;
    cpuSeconds = after.cpuSeconds;
    if (spent <= REST_SECONDS) break;
  }
  return cpuSeconds;
}
