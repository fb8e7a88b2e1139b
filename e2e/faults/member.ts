import { appendFile } from "node:fs/promises";

import type { WharfServer } from "../clients/wharf-server.ts";
import type { History } from "./history.ts";

/** A server that is killed now and then. */
export class Member {
  readonly name: string;
  readonly server: WharfServer;
  readonly #history: History;
  readonly #logFile: string;
  /** Counts the kills: what was lost without one is a fault. */
  lives = 0;
  #up = Promise.withResolvers<void>();

  /** @param logFile is given what the server wrote, whenever it has ended */
  constructor(name: string, server: WharfServer, history: History, logFile: string) {
    this.name = name;
    this.server = server;
    this.#history = history;
    this.#logFile = logFile;
    this.#up.resolve();
  }

  /** Settles when it answers. */
  get up(): Promise<void> {
    return this.#up.promise;
  }

  async kill(): Promise<void> {
    this.lives++;
    this.#up = Promise.withResolvers();
    this.#up.promise.catch(() => undefined); // perhaps nobody waits for it
    this.#history.note(this.name, "killed");
    await this.server.end("SIGKILL");
    await this.#keepLog("killed");
  }

  async killWhileStarting(milliseconds: number): Promise<void> {
    this.#history.note(this.name, `killed after ${milliseconds} ms of starting`);
    await this.#orFail(() => this.server.startAndKill(milliseconds));
    await this.#keepLog("killed while starting");
  }

  async start(): Promise<void> {
    await this.#orFail(() => this.server.startAgain());
    this.#history.note(this.name, "started");
    this.#up.resolve();
  }

  /** As an operator stops it. */
  async stop(): Promise<number | null> {
    const code = await this.server.end("SIGTERM");
    await this.#keepLog("stopped");
    return code;
  }

  /** Nobody waits any longer for a server that does not start. */
  async #orFail(start: () => Promise<void>): Promise<void> {
    try {
      await start();
    } catch (error) {
      this.#up.reject(error);
      throw error;
    }
  }

  async #keepLog(end: string): Promise<void> {
    await appendFile(this.#logFile, `${this.server.log}\n--- ${end}\n`);
  }
}
