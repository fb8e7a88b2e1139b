import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import type { FromGroup, ToGroup } from "./group-message.ts";
import type { SkipReport } from "./skip-report.ts";
import type { Tally } from "./tally.ts";

export interface TestGroup {
  readonly title: string;
  readonly files: readonly string[];
  /** `none`: all files in one process, which is quick; `process`: each file in its own, two at a time. */
  readonly isolation: "none" | "process";
  /** How long one test may take. A group in which nothing ends for a little longer is killed. */
  readonly timeoutMs: number;
  readonly skips: SkipReport;
  readonly print: (line: string) => void;
}

/**
 * Runs test files in a child process, so that a test that crashes or hangs cannot take the summary with it.
 * Failures are printed as they come. A child that dies early or never ends counts as a failure.
 */
export async function runGroup(group: TestGroup): Promise<Tally> {
  const { title, files, isolation, timeoutMs, skips, print } = group;
  let passed = 0;
  let failed = 0;
  if (files.length === 0) return { passed, failed };
  const started = performance.now();
  const child = fork(join(import.meta.dirname, "group-process.ts"), {
    // Set where a test of this file runs under node:test, which refuses to run inside itself.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const idleMs = timeoutMs * 1.1 + 500;
  let stalled = false;
  const idle = setTimeout(() => {
    stalled = true;
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), 3000).unref();
  }, idleMs);
  let ended = false;
  let latest = "none";
  // The other end is group-process.ts, which sends only this type.
  child.on("message", (message: FromGroup) => {
    idle.refresh();
    if (message.type === "started") latest = message.name;
    if (message.type === "passed") passed++;
    if (message.type === "skipped") skips.add(message.reason);
    if (message.type === "output") print(message.text.trimEnd());
    if (message.type === "failed") {
      failed++;
      print(message.text);
    }
    if (message.type === "ended") ended = true;
  });
  child.send({ files, isolation, timeoutMs } satisfies ToGroup);
  // The last messages may be read after the exit, but never after the disconnect.
  const [[code, signal]] = await Promise.all([once(child, "exit"), once(child, "disconnect")]);
  clearTimeout(idle);
  if (code !== 0 || !ended) {
    failed++;
    const end = stalled
      ? `nothing happened for ${Math.round(idleMs / 1000)} s: a test hangs or leaves a handle open`
      : (signal ?? `exit code ${code}`);
    print(`\n✖ ${title}: the test process did not end well (${end})\n  started last: ${latest}\n`);
  }
  const duration = ((performance.now() - started) / 1000).toFixed(1);
  print(`${title}: ${passed} passed, ${failed} failed (${duration} s)`);
  return { passed, failed };
}
