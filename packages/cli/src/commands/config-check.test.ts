import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { runMain } from "../testing/run-main.ts";

test("a good configuration is fine", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-check-"));
  const file = join(folder.path, "wharf.yaml");
  await writeFile(file, "data: var\nserver: { port: 443 }\n");
  const { code, stdout, stderr } = await runMain(["config", "check", "--config", file]);
  assert.deepEqual([code, stdout, stderr], [0, "The configuration is fine.\n", ""]);
});

test("every problem is one line with its place, and the exit code says so", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-check-"));
  const file = join(folder.path, "wharf.yaml");
  await writeFile(file, "data: var\nserver:\n  prot: 443\n  url: x\n");
  const env = { WHARF_CONFIG: file, WHARF_LOG_LEVEL: "loud" };
  const { code, stdout } = await runMain(["config", "check"], env);
  assert.equal(code, 2);
  assert.deepEqual(
    stdout.split("\n").map((line) => line.replace(/(?:known|must).*/, "…")),
    [
      `${file}:3:3: server.prot is not …`,
      `${file}:4:8: server.url …`,
      "WHARF_LOG_LEVEL: log.level …",
      "",
    ],
  );
  const json = await runMain(["config", "check", "--json"], env);
  assert.equal(json.code, 2);
  const [first] = JSON.parse(json.stdout).problems;
  assert.deepEqual([first.file, first.line, first.column, first.key], [file, 3, 3, "server.prot"]);
});

test("wharf serve refuses the same, with the flags that are wrong", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-check-"));
  const { code, stderr } = await runMain(["serve", "--data", folder.path, "--port", "http"]);
  assert.equal(code, 2);
  assert.match(stderr, /^wharf: the configuration is wrong\n {2}--port: server\.port must be /);
});
