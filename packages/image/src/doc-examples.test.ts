import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import * as library from "./index.ts";
import { exampleModule, findDocExamples } from "./testing/doc-examples.ts";
import type { DocExample } from "./testing/doc-examples.ts";
import { fillExampleFolder } from "./testing/example-folder.ts";

const examples = await findDocExamples(import.meta.dirname);

suite("the examples of the doc comments", async () => {
  const failures = await runAll(examples);
  for (const [number, { title }] of examples.entries()) {
    test(title, () => assert.equal(failures[number], null));
  }
});

test("what most users call has an example", () => {
  const subjects = new Set(examples.map(({ subject }) => subject));
  const wanted = [
    "openImagePath",
    "selectImage",
    "indexImage",
    "indexLayer",
    "squashImage",
    "resolveBase",
    "flatten",
    "writePlan",
    "writeDockerArchive",
    "writeOciLayout",
    "writeOciArchive",
    "Spool",
    "parseDigest",
    "decompress",
    "fileSource",
  ];
  assert.deepEqual(
    wanted.filter((name) => !subjects.has(name) || !(name in library)),
    [],
  );
});

test("an example that shows another value fails", async () => {
  const wrong = { title: "wrong", subject: "wrong", code: `1 + 1; // => 3` };
  const missing = { title: "missing", subject: "missing", code: `missing(); // => 1` };
  const [first, second] = await runAll([wrong, missing]);
  assert.match(first ?? "", /AssertionError/);
  assert.match(second ?? "", /missing is not defined/);
});

/** Runs all in one process of their own, each in a folder of its own. Null for those that are right. */
async function runAll(wanted: readonly DocExample[]): Promise<(string | null)[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-examples-"));
  const index = pathToFileURL(join(import.meta.dirname, "index.ts")).href;
  for (const [number, { code }] of wanted.entries()) {
    const own = join(folder.path, String(number));
    await mkdir(own);
    await fillExampleFolder(own);
    const text = exampleModule(code, index, Object.keys(library));
    await writeFile(join(folder.path, `${number}.ts`), text);
  }
  const runner = join(folder.path, "run-all.mjs");
  await writeFile(runner, runnerText(wanted.length));
  const { stdout } = await promisify(execFile)(process.execPath, [runner], { cwd: folder.path });
  assert.equal((await readdir(folder.path)).length, 2 * wanted.length + 1, "nothing else is left");
  return JSON.parse(stdout) as (string | null)[]; // as the runner prints it
}

function runnerText(count: number): string {
  return `
    const failures = [];
    const folder = process.cwd();
    for (let number = 0; number < ${count}; number++) {
      process.chdir(folder + "/" + number);
      try {
        await import(folder + "/" + number + ".ts");
        failures.push(null);
      } catch (error) {
        failures.push(String(error.stack));
      }
    }
    console.log(JSON.stringify(failures));
  `;
}
