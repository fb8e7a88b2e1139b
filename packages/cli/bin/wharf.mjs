#!/usr/bin/env node
// Plain JavaScript for any Node: the command itself is TypeScript and needs the pinned Node 26.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";

const OLDEST = 26;

// Keeps compiled modules for the next start, which then takes half the time. Beside the code, because whoever can
// write there can change the command anyway; where that is read-only, nothing is kept.
const COMPILE_CACHE = fileURLToPath(new URL("../../../.cache/node", import.meta.url));

// Indexes of many small files leave much garbage behind; left alone, V8 lets a hundred megabytes of it pile up. A
// server reads them in threads, and wants its requests' short-lived garbage to be cheap and its memory still small.
const YOUNG_GENERATION =
  process.argv[2] === "serve"
    ? ["--max-semi-space-size=8"]
    : ["--max-semi-space-size=4", "--semi-space-growth-factor=1"];

// Files, passwords and decompression share these; one squashed image alone can keep Node's usual four busy.
const POOL_THREADS = "8";

if (Number.parseInt(process.versions.node, 10) >= OLDEST) {
  for (const flag of YOUNG_GENERATION) v8.setFlagsFromString(flag);
  // The variable is what the threads go by, the call what this one goes by.
  process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;
  process.env.UV_THREADPOOL_SIZE ??= POOL_THREADS;
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  await import("../src/start.ts");
} else {
  runOnPinnedNode();
}

function runOnPinnedNode() {
  const node = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));
  if (!existsSync(node)) {
    process.stderr.write(
      `wharf: needs Node ${OLDEST} or newer, and this is ${process.version}\n` +
        `next: run "npm ci" in the folder of Wharf, it brings the right one\n`,
    );
    process.exit(1);
  }
  const start = fileURLToPath(new URL("../src/start.ts", import.meta.url));
  const child = spawn(node, [...YOUNG_GENERATION, start, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, UV_THREADPOOL_SIZE: POOL_THREADS, ...process.env },
  });
  // A key press in the terminal reaches both processes; the command takes the copy for the same signal.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`wharf: cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
