import assert from "node:assert/strict";
import { mkdtempDisposable, open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";

import { addressOf, runModule } from "./testing/run-module.ts";

/** Tells what standard input is: its descriptor, or what comes out of the stream. */
const READER = `
  import { standardInput } from ${addressOf("standard-input.ts")};
  import { text } from "node:stream/consumers";
  const input = await standardInput();
  console.log(input === 0 ? "descriptor" : await text(input));`;

suite("standard input", () => {
  test("that is a pipe is a stream", async () => {
    const child = runModule(READER, ["pipe", "pipe", "inherit"]);
    child.stdin?.end("from a pipe");
    assert.equal(await textOf(child.stdout), "from a pipe\n");
  });

  const linux = {
    skip: process.platform !== "linux" && "only Linux tells the position of a descriptor",
  };

  test("that is a file is read in place", linux, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "input-"));
    await writeFile(join(folder.path, "file"), "from a file");
    await using file = await open(join(folder.path, "file"));
    assert.equal(
      await textOf(runModule(READER, [file.fd, "pipe", "inherit"]).stdout),
      "descriptor\n",
    );
  });

  test("that is a file of which some is read already is a stream", linux, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "input-"));
    await writeFile(join(folder.path, "file"), "from a file");
    await using file = await open(join(folder.path, "file"));
    await file.read({ buffer: Buffer.alloc(5) });
    assert.equal(await textOf(runModule(READER, [file.fd, "pipe", "inherit"]).stdout), "a file\n");
  });
});

async function textOf(stream: Readable | null): Promise<string> {
  if (stream === null) throw new Error("this stream is a pipe");
  return await text(stream);
}
