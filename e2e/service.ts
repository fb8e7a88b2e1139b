import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** How long a service may take until it answers. */
const START_MS = 60_000;

/** A server of a client program that runs in the background until it is disposed of. */
export class Service implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcess;
  #log = "";

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString("latin1")).slice(-20_000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @param isReady asked again and again with what the server printed so far
   * @throws with the server's output when it ends or does not answer in time
   */
  static async start(
    command: string,
    args: readonly string[],
    isReady: (log: string) => Promise<boolean> | boolean,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Service> {
    // Should the tests be killed, the kernel ends the server.
    const child = spawn("setpriv", ["--pdeathsig", "TERM", command, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const service = new Service(command, child);
    const end = performance.now() + START_MS;
    while (!(await isReady(service.#log))) {
      if (child.exitCode !== null) throw service.#failure(`ended with ${child.exitCode}`);
      if (performance.now() > end) {
        await service[Symbol.asyncDispose]();
        throw service.#failure("did not answer in time");
      }
      await delay(50);
    }
    return service;
  }

  /** What the server printed last. */
  get log(): string {
    return this.#log;
  }

  /**
   * Ends the server and waits until it is gone.
   *
   * @returns its exit code; null when the signal ended it
   */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exit = once(this.#child, "exit");
      this.#child.kill(signal);
      await exit;
    }
    return this.#child.exitCode;
  }

  /** @throws with the server's output when it has ended though nobody wanted that */
  assertRunning(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) {
      throw this.#failure(`ended with ${exitCode ?? signalCode}`);
    }
  }

  /** Sends a signal that the server lives on with. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGTERM");
  }

  #failure(what: string): Error {
    return new Error(`${this.#name} ${what}:\n${this.#log}`);
  }
}

/** Whether an engine's API answers at a unix socket. */
export async function answersPing(socketPath: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = get({ socketPath, path: "/_ping", agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  request.on("error", () => resolve(false));
  return await promise;
}
