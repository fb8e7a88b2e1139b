import assert from "node:assert/strict";
import {
  mkdtempDisposable,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";

import { outputFile } from "./output-file.ts";

suite("an output file", () => {
  test("appears when it is complete, and nothing else is left", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "output-"));
    const path = join(folder.path, "out");
    const result = await outputFile(path, async (sink) => {
      await sink(Buffer.from("one "));
      await sink(Buffer.from("two"));
      assert.ok(!(await readdir(folder.path)).includes("out"));
      return 7;
    });
    assert.equal(result, 7);
    assert.equal(await readFile(path, "utf8"), "one two");
    assert.deepEqual(await readdir(folder.path), ["out"]);
  });

  test("that fails changes nothing and leaves nothing", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "output-"));
    const path = join(folder.path, "out");
    await writeFile(path, "before");
    const failure = new Error("damaged on the way");
    const failing = outputFile(path, async (sink) => {
      await sink(Buffer.from("half"));
      throw failure;
    });
    await assert.rejects(failing, failure);
    assert.equal(await readFile(path, "utf8"), "before");
    assert.deepEqual(await readdir(folder.path), ["out"]);
  });

  test("keeps the permissions of the one it replaces", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "output-"));
    const path = join(folder.path, "out");
    await writeFile(path, "", { mode: 0o600 });
    await outputFile(path, (sink) => sink(Buffer.from("x")));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  test("behind a symbolic link replaces the target of the link", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "output-"));
    await writeFile(join(folder.path, "target"), "");
    await symlink("target", join(folder.path, "link"));
    await outputFile(join(folder.path, "link"), (sink) => sink(Buffer.from("x")));
    assert.equal(await readlink(join(folder.path, "link")), "target");
    assert.equal(await readFile(join(folder.path, "target"), "utf8"), "x");
  });

  test("that is a device is written to, not replaced", async () => {
    await outputFile("/dev/null", (sink) => sink(Buffer.from("x")));
    assert.ok((await stat("/dev/null")).isCharacterDevice());
  });

  test(
    "on a full disk says so",
    { skip: process.platform !== "linux" && "/dev/full is Linux's" },
    async () => {
      await assert.rejects(
        outputFile("/dev/full", (sink) => sink(Buffer.from("x"))),
        { name: "TransportError", code: "output", message: /no space is left/ },
      );
    },
  );

  test("in a folder that does not exist says so", async () => {
    await assert.rejects(
      outputFile("/nowhere/at/all", async () => {}),
      { code: "output", message: /its folder does not exist/ },
    );
  });

  test("in place of a folder says so", async () => {
    await assert.rejects(
      outputFile(tmpdir(), async () => {}),
      { code: "output", message: /it is a folder/ },
    );
  });

  test("does not blame itself for what its maker could not read", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "output-"));
    const failing = outputFile(join(folder.path, "out"), () =>
      readFile(join(folder.path, "input")),
    );
    await assert.rejects(failing, {
      name: "Error",
      code: "ENOENT",
      path: join(folder.path, "input"),
    });
  });
});
