import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

import { runGroup } from "./group.ts";
import { SkipReport } from "./skip-report.ts";
import type { Tally } from "./tally.ts";

const IMPORT = `import { after, suite, test } from "node:test";\n`;

for (const isolation of ["none", "process"] as const) {
  suite(`a group of test files, isolation ${isolation}`, () => {
    test("tests are counted once, suites and parents of failed subtests not at all", async () => {
      const { tally, skipped } = await run(isolation, {
        "a.test.ts": `${IMPORT}
          suite("s", () => { test("good", () => {}); test("bad", () => { throw new Error("boom"); }); });
          test("parent", async (t) => { await t.test("child", () => { throw new Error("crash"); }); });
          test("away", { skip: "no docker here" }, () => {});
          suite("all away", { skip: "no docker here" }, () => { test("unseen", () => {}); });
          test("away too", (t) => t.skip("no docker here"));
          test("later", { todo: true }, () => { throw new Error("not yet"); });`,
        "b.test.ts": `${IMPORT} test("good", () => {});`,
      });
      assert.deepEqual(tally, { passed: 2, failed: 2 });
      assert.deepEqual(skipped, ["skipped: no docker here", "skipped: to do: later"]);
    });

    test("a failure is shown with its name, place and error", async () => {
      const { printed } = await run(isolation, {
        "a.test.ts": `${IMPORT}\ntest("adds up", () => { throw new Error("boom", { cause: "x" }); });`,
      });
      assert.match(printed, /✖ adds up \(.*a\.test\.ts:3\)\n {2}Error: boom\n/);
    });

    test("a file that cannot be loaded fails", async () => {
      const { tally } = await run(isolation, { "a.test.ts": `import "./absent.ts";` });
      assert.deepEqual(tally, { passed: 0, failed: 1 });
    });

    test("a failing hook of a suite fails", async () => {
      const { tally } = await run(isolation, {
        "a.test.ts": `${IMPORT} suite("s", () => { after(() => { throw new Error("hook"); }); test("good", () => {}); });`,
      });
      assert.equal(tally.failed, 1);
    });

    test("a process that dies fails", async () => {
      const { tally } = await run(isolation, {
        "a.test.ts": `${IMPORT} test("dies", () => process.kill(process.pid, "SIGKILL"));`,
      });
      assert.equal(tally.failed, 1);
    });

    test("a test that never yields fails and is named", async () => {
      const { tally, printed } = await run(
        isolation,
        { "a.test.ts": `${IMPORT} test("good", () => {}); test("endless", () => { for (;;); });` },
        300,
      );
      assert.ok(tally.failed > 0);
      assert.match(printed, /endless|a\.test\.ts/);
    });

    test("a handle left open fails", async () => {
      const { tally, printed } = await run(
        isolation,
        { "a.test.ts": `${IMPORT} test("good", () => { setInterval(() => {}, 1000); });` },
        300,
      );
      assert.ok(tally.failed > 0);
      assert.match(printed, /leaves a handle open/);
    });
  });
}

async function run(
  isolation: "none" | "process",
  sources: Readonly<Record<string, string>>,
  timeoutMs = 30_000,
): Promise<{ tally: Tally; printed: string; skipped: string[] }> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-test-group-"));
  const files: string[] = [];
  for (const [name, source] of Object.entries(sources)) {
    files.push(join(folder.path, name));
    await writeFile(join(folder.path, name), source);
  }
  const skips = new SkipReport();
  const printed: string[] = [];
  const tally = await runGroup({
    title: "tests",
    files,
    isolation,
    timeoutMs,
    skips,
    print: (line) => printed.push(line),
  });
  return { tally, printed: printed.join("\n"), skipped: [...skips.lines()] };
}
