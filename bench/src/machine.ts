import { cpus, release, totalmem } from "node:os";

import { runTool } from "./run-tool.ts";

/** What the figures depend on besides the code. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly versions: Readonly<Record<string, string>>;
}

const TOOLS = {
  umoci: ["--version"],
  buildah: ["--version"],
  skopeo: ["--version"],
  gzip: ["--version"],
  openssl: ["version"],
  tar: ["--version"],
};

/** Asks the machine and the peers who they are. */
export async function describeMachine(): Promise<Machine> {
  const versions: Record<string, string> = { node: process.version };
  for (const [tool, args] of Object.entries(TOOLS)) {
    const [first = ""] = (await runTool(tool, args)).split("\n");
    versions[tool] = /\d+(\.\d+)+[^\s,]*/.exec(first)?.[0] ?? first;
  }
  const [cpu] = cpus();
  return {
    processor: cpu?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    versions,
  };
}

/** The machine in one line. */
export function machineLine({ processor, cores, memoryBytes, kernel, versions }: Machine): string {
  const tools = Object.entries(versions).map(([tool, version]) => `${tool} ${version}`);
  return `${cores} cores ${processor}, ${Math.round(memoryBytes / 2 ** 30)} GiB, Linux ${kernel}; ${tools.join(", ")}`;
}
