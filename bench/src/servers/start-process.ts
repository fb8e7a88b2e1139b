import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";

export interface RunningProcess {
  readonly pid: number;
  readonly startMilliseconds: number;
  stop(): Promise<void>;
}

/** Between two attempts to reach it, in milliseconds; also how exact the time of the start is. */
const PAUSE = 2;
const GIVE_UP = 30_000;

/**
 * Starts a server and waits for its first answer to `GET /v2/`, whatever that is.
 *
 * @param log file that takes what it prints
 */
export async function startProcess(
  command: readonly string[],
  { host, environment, log }: { host: string; environment: Record<string, string>; log: string },
): Promise<RunningProcess> {
  const [program = "", ...args] = command;
  await using output = await open(log, "a");
  const began = performance.now();
  const child = spawn(program, args, {
    stdio: ["ignore", output.fd, output.fd],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${program}`);
  while (!(await answers(host))) {
    if (child.exitCode !== null || performance.now() - began > GIVE_UP) {
      child.kill("SIGKILL");
      throw new Error(`${program} does not answer; see ${log}`);
    }
    await setTimeout(PAUSE);
  }
  return {
    pid,
    startMilliseconds: performance.now() - began,
    async stop() {
      child.kill("SIGTERM");
      const killing = setTimeout(10_000, undefined, { ref: false }).then(() =>
        child.kill("SIGKILL"),
      );
      killing.catch(() => undefined);
      await ended;
    },
  };
}

function answers(host: string): Promise<boolean> {
  const [address = "", port = ""] = host.split(":");
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: Number(port) });
    socket.once("connect", () => socket.write(`GET /v2/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}
