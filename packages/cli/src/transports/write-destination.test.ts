import assert from "node:assert/strict";
import { mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

import { sampleImage } from "../registry-client/testing/sample.ts";
import { openSource } from "./open-source.ts";
import { parseDestination, parseSource } from "./reference.ts";
import { writeDestination } from "./write-destination.ts";

suite("an image written to a file or folder and opened again", () => {
  const names: readonly [string, string][] = [
    ["docker-archive:PATH", "sample:1"],
    ["docker-archive:PATH:other:2", "other:2"],
    ["oci:PATH", "sample:1"],
    ["oci:PATH:tag", "tag"],
    ["oci-archive:PATH:tag", "tag"],
    ["PATH", "sample:1"],
    ["PATH/", "sample:1"],
  ];
  for (const [pattern, name] of names) {
    test(`${pattern} is ${name}`, async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), "write-"));
      const text = pattern.replace("PATH", join(folder.path, "out"));
      const written = await writeDestination(await parseDestination(text), [sampleImage()]);
      await using source = await openSource(await parseSource(text));
      const [image] = source.images;
      assert.deepEqual(image?.names, [name]);
      assert.deepEqual(
        image?.layers.map(({ diffId }) => diffId),
        written.images[0]?.layers.map(({ diffId }) => diffId),
      );
      assert.deepEqual(await readdir(folder.path), ["out"]);
    });
  }

  test("replaces the one before only when it is complete", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "write-"));
    const path = join(folder.path, "out");
    await writeFile(path, "before");
    const failure = new Error("damaged on the way");
    const image = sampleImage();
    const broken = {
      ...image,
      layers: image.layers.map((layer) => ({ ...layer, writeTo: () => Promise.reject(failure) })),
    };
    await assert.rejects(writeDestination(await parseDestination(path), [broken]), failure);
    assert.equal(await readFile(path, "utf8"), "before");
    await writeDestination(await parseDestination(path), [image]);
    assert.notEqual(await readFile(path, "utf8"), "before");
    assert.deepEqual(await readdir(folder.path), ["out"]);
  });

  test("leaves nothing when it is aborted", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "write-"));
    const reason = new Error("stopped");
    for (const text of ["docker-archive:", "oci:", "oci-archive:"]) {
      const controller = new AbortController();
      const { signal } = controller;
      const onProgress = () => controller.abort(reason);
      const writing = writeDestination(
        await parseDestination(`${text}${join(folder.path, "out")}`),
        [sampleImage()],
        { signal, onProgress },
      );
      await assert.rejects(writing, reason, text);
      assert.deepEqual(await readdir(folder.path), [], text);
    }
  });
});

test("one name is not given to several images where a name holds one", async () => {
  const images = [sampleImage("amd64"), sampleImage("arm64")];
  for (const reference of ["docker-archive:/nowhere/out:a:1", "docker-daemon:a:1"]) {
    await assert.rejects(writeDestination(await parseDestination(reference), images), {
      code: "invalid-request",
    });
  }
});

test("an engine takes no name that only content can have", async () => {
  const id = `docker-daemon:sha256:${"0".repeat(64)}`;
  await assert.rejects(writeDestination(await parseDestination(id), [sampleImage()]), {
    code: "invalid-request",
  });
});
