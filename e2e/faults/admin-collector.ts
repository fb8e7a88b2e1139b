import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

import { WHARF } from "../wharf.ts";
import type { History } from "./history.ts";
import type { Member } from "./member.ts";
import type { Random } from "./random.ts";

/** Runs `wharf admin gc` beside the servers again and again, and kills it now and then. */
export class AdminCollector {
  readonly #members: readonly Member[];
  readonly #history: History;
  readonly #random: Random;

  constructor(members: readonly Member[], history: History, random: Random) {
    this.#members = members;
    this.#history = history;
    this.#random = random;
  }

  async runUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(this.#random.between(500, 2000));
      await this.#collect();
    }
  }

  async #collect(): Promise<void> {
    const { server } = this.#random.pick(this.#members);
    // This Node and no process between, so that the signal meets the command itself.
    const child = spawn(process.execPath, [WHARF, "admin", "gc", "--config", server.configFile], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const kill = this.#random.percent(30)
      ? setTimeout(() => child.kill("SIGKILL"), this.#random.between(400, 1500))
      : undefined;
    const [stderr, [code, killed]] = await Promise.all([text(child.stderr), once(child, "close")]);
    clearTimeout(kill);
    this.#history.note("gc", `ended with ${code ?? killed} ${stderr.trim().slice(0, 300)}`);
    if (code === 0 || killed !== null || stderr.includes("another collection is running")) return;
    throw this.#history.fault(`wharf admin gc ends with ${code}: ${stderr}`);
  }
}
