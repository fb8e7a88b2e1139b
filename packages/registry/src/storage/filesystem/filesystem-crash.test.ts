import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { collect } from "../testing/collect.ts";
import { openFilesystemStore } from "./open-filesystem-store.ts";

test("kill -9 in the middle of commits: everything acknowledged is there, nothing is half there", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-crash-"));
  const acknowledged = new Set<string>();
  for (const commits of [1, 40, 150]) {
    for (const key of await commitUntilKilled(folder.path, commits)) acknowledged.add(key);
    await using store = await openFilesystemStore(folder.path);
    const seen = new Set<string>();
    for await (const { key, size } of store.list("")) {
      await using object = await store.open(key);
      const content = await collect(object.stream());
      assert.equal(content.length, size);
      assert.equal(createHash("sha256").update(content).digest("hex"), key.split("/")[3]);
      seen.add(key);
    }
    assert.deepEqual(
      [...acknowledged].filter((key) => !seen.has(key)),
      [],
    );
    for await (const { id } of store.listUploads()) await store.discardUpload(id, undefined);
    assert.deepEqual(await Array.fromAsync(store.listUploads()), []);
  }
});

test("what a crash left of small objects is listed and discarded as uploads are", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-crash-"));
  await using store = await openFilesystemStore(folder.path);
  const uploads = join(folder.path, "uploads");
  for (const name of ["an-object.tmp", "an-upload.1", "an-upload.2", "strange"]) {
    await writeFile(join(uploads, name), "x");
  }
  const ids = await Array.fromAsync(store.listUploads(), ({ id }) => id);
  assert.deepEqual(ids.toSorted(), ["an-object", "an-upload", "an-upload"]);
  for (const id of new Set(ids)) await store.discardUpload(id, undefined);
  assert.deepEqual(await readdir(uploads), ["strange"]);
});

/** @returns the keys that the process acknowledged before it was killed, at least `commits` */
async function commitUntilKilled(folder: string, commits: number): Promise<string[]> {
  const program = join(import.meta.dirname, "../testing/commit-until-killed.ts");
  const child = spawn(process.execPath, [program, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  const keys: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    keys.push(line);
    if (keys.length === commits) child.kill("SIGKILL");
  }
  assert.deepEqual(await exit, [null, "SIGKILL"]);
  return keys;
}
