import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

import { replaceLayout } from "./replace-layout.ts";

suite("an OCI layout", () => {
  test("is written where nothing is", async () => {
    await using parent = await mkdtempDisposable(join(tmpdir(), "layout-"));
    const folder = join(parent.path, "new");
    assert.equal(await replaceLayout(folder, makeLayout("new")), folder);
    assert.equal(await readFile(join(folder, "oci-layout"), "utf8"), "new");
  });

  test("replaces another one, of which nothing is left", async () => {
    await using parent = await mkdtempDisposable(join(tmpdir(), "layout-"));
    const folder = join(parent.path, "image");
    await makeLayout("old")(folder);
    await replaceLayout(folder, makeLayout("new"));
    assert.equal(await readFile(join(folder, "oci-layout"), "utf8"), "new");
    assert.deepEqual(await readdir(parent.path), ["image"]);
  });

  test("that cannot be written leaves the other one as it was", async () => {
    await using parent = await mkdtempDisposable(join(tmpdir(), "layout-"));
    const folder = join(parent.path, "image");
    await makeLayout("old")(folder);
    const failure = new Error("damaged");
    await assert.rejects(
      replaceLayout(folder, () => Promise.reject(failure)),
      failure,
    );
    assert.equal(await readFile(join(folder, "oci-layout"), "utf8"), "old");
    assert.deepEqual(await readdir(parent.path), ["image"]);
  });

  test("never takes the place of someone's folder", async () => {
    await using parent = await mkdtempDisposable(join(tmpdir(), "layout-"));
    await writeFile(join(parent.path, "thesis.txt"), "");
    await assert.rejects(replaceLayout(parent.path, makeLayout("new")), {
      code: "invalid-request",
    });
    await makeLayout("old")(join(parent.path, "image"));
    await writeFile(join(parent.path, "image", "notes.txt"), "");
    await assert.rejects(replaceLayout(join(parent.path, "image"), makeLayout("new")), {
      code: "invalid-request",
    });
    await assert.rejects(replaceLayout(join(parent.path, "thesis.txt"), makeLayout("new")), {
      code: "invalid-request",
      message: /is a file/,
    });
  });
});

function makeLayout(text: string): (folder: string) => Promise<string> {
  return async (folder) => {
    await mkdir(folder);
    await writeFile(join(folder, "oci-layout"), text);
    return folder;
  };
}
