import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { sampleArchive } from "./testing/sample-archive.ts";

const BIN = fileURLToPath(new URL("../bin/wharf.mjs", import.meta.url));

// Only where an older Node is at hand: there the wrapper has something to do.
for (const node of olderNodes().slice(0, 1)) {
  test("an older Node hands over to the pinned one", () => {
    const facts = JSON.parse(execFileSync(node, [BIN, "version", "--json"], { encoding: "utf8" }));
    assert.equal(facts.node, process.versions.node);
  });

  test("the exit code comes through", async () => {
    const child = spawn(node, [BIN, "nonsense"], { stdio: "ignore" });
    assert.deepEqual(await once(child, "exit"), [2, null]);
  });

  test("a signal comes through, and its exit code back", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-test-"));
    const archive = await readFile(await sampleArchive(join(folder.path, "in.tar")));
    const child = spawn(node, [BIN, "squash"], { stdio: ["pipe", "ignore", "ignore"] });
    // More than a pipe holds: once it has drained, the command itself is reading.
    if (!child.stdin.write(archive)) await once(child.stdin, "drain");
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [143, null]);
  });
}

function olderNodes(): string[] {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .filter((node) => existsSync(node) && majorOf(node) < 26);
}

function majorOf(node: string): number {
  return Number.parseInt(
    execFileSync(node, ["-p", "process.versions.node"], { encoding: "utf8" }),
    10,
  );
}
