import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import {
  indexImage,
  openImagePath,
  selectImage,
  squashImage,
  writeDockerArchive,
} from "@wharf/image";

import { demoImage } from "./demo-image.ts";
import { fileSink } from "./file-sink.ts";
import { nodeRuntime } from "./runtime-files.ts";

test("the image of the demonstration has the waste that it promises", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-test-"));
  await mkdir(join(folder.path, "@typescript"));
  await writeFile(join(folder.path, "@typescript", "tool"), "x".repeat(10_000));
  await mkdir(join(folder.path, "oxfmt"));
  await writeFile(join(folder.path, "oxfmt", "cached"), "x".repeat(20_000));
  const runtime = { entries: [], libraryFolders: ["/lib64"], runs: true };
  const path = join(folder.path, "demo.tar");
  {
    await using sink = await fileSink(path);
    await writeDockerArchive([await demoImage("demo:1", runtime, folder.path)], sink.write);
  }

  await using source = await openImagePath(path);
  const image = selectImage(source, { name: "demo:1" });
  await using indexed = await indexImage(image);
  const { report } = squashImage(indexed, { keep: 1 });
  assert.deepEqual([report.layersBefore, report.layersAfter], [4, 2]);
  assert.deepEqual(
    report.deadWeight.slice(0, 2).map((dead) => [dead.path, dead.layer, dead.hiddenBy]),
    [
      ["root/.npm", 2, 3],
      ["app/node_modules", 2, 3],
    ],
  );
  assert.deepEqual(report.warnings, []);
  assert.match(Buffer.from(image.config).toString(), /"LD_LIBRARY_PATH=\/lib64"/);
});

test(
  "the runtime brings its shared libraries and the loader",
  { skip: process.platform !== "linux" },
  async () => {
    const { entries, libraryFolders } = await nodeRuntime();
    const paths = entries.map(({ path }) => path);
    assert.ok(paths.includes("usr/local/bin/node"));
    assert.ok(
      paths.some((path) => path.endsWith("/libc.so.6")),
      "the C library",
    );
    assert.ok(
      paths.some((path) => /\/ld-linux[^/]*$/.test(path)),
      "the loader",
    );
    for (const folder of libraryFolders) assert.ok(paths.includes(folder.slice(1)), folder);
    assert.equal(new Set(paths).size, paths.length, "nothing twice");
  },
);
