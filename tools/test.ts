// `npm test`: types, lint, format, unit tests, end-to-end tests. The last line is "N passed, N failed".
// `npm test -- WORD …` runs only the test files whose path contains one of the words, without the checks.
import { join } from "node:path";

import { runChecks } from "./test/checks.ts";
import { runGroup } from "./test/group.ts";
import { SkipReport } from "./test/skip-report.ts";
import { findTestFiles } from "./test/test-files.ts";
import type { Tally } from "./test/tally.ts";

const root = join(import.meta.dirname, "..");
const words = process.argv.slice(2);
const ofCi = process.env["CI"] === "true";

const { unit, endToEnd } = await findTestFiles(root, words);
const skips = new SkipReport();
const print = console.log;
const tallies: Tally[] = [];
if (words.length === 0) tallies.push(await runChecks(root));
tallies.push(
  await runGroup({
    title: "unit tests",
    files: unit,
    isolation: "none",
    timeoutMs: 60_000,
    skips,
    print,
  }),
  await runGroup({
    title: "end-to-end tests",
    files: endToEnd,
    isolation: "process",
    timeoutMs: 300_000,
    skips,
    print,
  }),
);

let passed = 0;
let failed = 0;
for (const tally of tallies) {
  passed += tally.passed;
  failed += tally.failed;
}
for (const line of skips.lines()) console.log(line);
if (ofCi && skips.count > 0) {
  console.log(`${skips.count} skipped tests or suites are failures, because CI=true`);
  failed += skips.count;
}
if (passed + failed + skips.count === 0) {
  console.log(`no test file matches ${words.join(" ")}`);
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
