import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { missingProgram } from "../../registry-client/testing/missing-program.ts";
import type { Environment } from "../../transports/environment.ts";
import { Engine } from "../engine.ts";

/** A real engine with its own empty store, that only listens on a socket of its own. */
export interface RunningEngine extends AsyncDisposable {
  /** Leads to it. */
  readonly env: Environment;
}

/** The engines of the tests: how each is started in a folder of its own, and what it needs. */
export const ENGINES = {
  docker: {
    program: "dockerd",
    args: (folder: string) => [
      `--data-root=${join(folder, "data")}`,
      `--exec-root=${join(folder, "run")}`,
      `--pidfile=${join(folder, "pid")}`,
      `--host=unix://${join(folder, "socket")}`,
      "--storage-driver=vfs",
      "--iptables=false",
      "--bridge=none",
    ],
  },
  podman: {
    program: "podman",
    args: (folder: string) => [
      `--root=${join(folder, "data")}`,
      `--runroot=${join(folder, "run")}`,
      "--storage-driver=vfs",
      "system",
      "service",
      "--time=0",
      `unix://${join(folder, "socket")}`,
    ],
  },
} as const;

export type EngineName = keyof typeof ENGINES;

/** The reason to skip a test that needs an engine, or false. */
export function missingEngine(name: EngineName): string | false {
  const { program } = ENGINES[name];
  const isRoot = process.getuid?.() === 0;
  return missingProgram(program) || (isRoot ? false : `${program} is only tested as root`);
}

/** Starts an engine and waits until it answers. */
export async function startEngine(name: EngineName): Promise<RunningEngine> {
  const folder = await mkdtempDisposable(join(tmpdir(), `${name}-`));
  await mkdir(join(folder.path, "home"));
  const { program, args } = ENGINES[name];
  const child = spawn(program, args(folder.path), {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, HOME: join(folder.path, "home") },
  });
  const env = { DOCKER_HOST: `unix://${join(folder.path, "socket")}`, HOME: "/nonexistent" };
  const stop = async (): Promise<void> => {
    await end(child);
    await folder.remove();
  };
  try {
    await answering(child, env);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, [Symbol.asyncDispose]: stop };
}

async function answering(child: ChildProcess, env: Environment): Promise<void> {
  const log: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => log.push(text));
  for (;;) {
    const engine = await Engine.connect(env).catch(() => undefined);
    if (engine !== undefined) {
      engine[Symbol.dispose]();
      return;
    }
    if (child.exitCode !== null) throw new Error(`the engine ended: ${log.join("").slice(-2000)}`);
    // It makes its socket when it is ready, and tells nobody.
    await wait(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
}
