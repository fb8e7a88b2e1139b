import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { largeFiles } from "./large-files.ts";
import type { LayerSource } from "./layer-source.ts";
import { smallFiles } from "./small-files.ts";

async function bytesOf(layer: LayerSource): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of layer.chunks()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Lines of `tar --list`. */
function listed(tar: Buffer): string[] {
  return execFileSync("tar", ["--list", "--file", "-"], { input: tar, encoding: "utf8" })
    .trim()
    .split("\n");
}

test("a generated layer has the announced size and number of entries, and the same bytes each time", async () => {
  for (const layer of [...smallFiles(1000, 3000), ...largeFiles(9_000_000)]) {
    const tar = await bytesOf(layer);
    assert.equal(tar.length, layer.size);
    assert.equal(listed(tar).length, layer.entries);
    assert.deepEqual(await bytesOf(layer), tar);
  }
});

test("a tenth of the small files is overwritten, another tenth is deleted", async () => {
  const [base, overwritten, deleted] = (await Promise.all(smallFiles(200, 3000).map(bytesOf))).map(
    listed,
  );
  const files = (names: string[] | undefined): string[] =>
    (names ?? []).filter((name) => !name.endsWith("/"));
  assert.equal(files(base).length, 200);
  assert.equal(files(overwritten).length, 20);
  assert.ok(files(overwritten).every((name) => base?.includes(name)));
  assert.equal(files(deleted).length, 20);
  assert.ok(files(deleted).every((name) => base?.includes(name.replace(".wh.", ""))));
});
