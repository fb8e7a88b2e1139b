import { execFile } from "node:child_process";
import { join } from "node:path";

import type { Tally } from "./tally.ts";

const CHECKS: readonly { title: string; command: string; args: readonly string[] }[] = [
  { title: "types", command: "tsc", args: ["--noEmit"] },
  {
    title: "lint",
    command: "oxlint",
    args: [
      "--type-aware",
      "--deny-warnings",
      "--format=unix",
      "--ignore-pattern=**/node_modules/**",
    ],
  },
  { title: "format", command: "oxfmt", args: ["--check"] },
];

/** Runs the static checks side by side; each counts as one test. A failing one shows its output. */
export async function runChecks(root: string): Promise<Tally> {
  const started = performance.now();
  const results = await Promise.all(
    CHECKS.map(({ command, args }) => runCheck(root, command, args)),
  );
  let failed = 0;
  for (const [index, output] of results.entries()) {
    if (output === undefined) continue;
    failed++;
    console.log(`\n✖ ${CHECKS[index]?.title}\n${output.trimEnd()}\n`);
  }
  const passed = CHECKS.length - failed;
  const titles = CHECKS.map(({ title }) => title).join(", ");
  console.log(
    `${titles}: ${passed} passed, ${failed} failed (${seconds(performance.now() - started)})`,
  );
  return { passed, failed };
}

/** The output of a failed check, undefined when it passed. */
function runCheck(
  root: string,
  command: string,
  args: readonly string[],
): Promise<string | undefined> {
  const path = join(root, "node_modules", ".bin", command);
  return new Promise((resolve) => {
    execFile(path, args, { cwd: root, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve(error === null ? undefined : stdout + stderr || error.message);
    });
  });
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
