import assert from "node:assert/strict";
import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Spool } from "./spool.ts";
import { collect } from "../testing/collect.ts";
import { openFiles } from "../testing/open-files.ts";
import { randomBytes } from "../testing/random-bytes.ts";

test("what was written is read from any place, as often as wanted", async () => {
  await using spool = await Spool.create();
  const content = randomBytes(1_200_000);
  for (let at = 0; at < content.length; at += 100_001) {
    const chunk = Buffer.from(content.subarray(at, at + 100_001));
    await spool.write(chunk);
    chunk.fill(0); // it belongs to the writer again
  }
  assert.equal(spool.size, content.length);
  const source = spool.source();
  assert.ok((await collect(source.stream())).equals(content));
  assert.ok((await collect(source.stream(5, 700_000))).equals(content.subarray(5, 700_000)));
});

test("a source stays what it was when more is written", async () => {
  await using spool = await Spool.create();
  await spool.write(Buffer.from("one"));
  const source = spool.source();
  await spool.write(Buffer.from("two"));
  assert.equal((await collect(source.stream())).toString(), "one");
  assert.equal((await collect(spool.source().stream())).toString(), "onetwo");
});

test("the file has no name and its space goes with it", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-spool-"));
  {
    await using spool = await Spool.create(folder.path);
    await spool.write(Buffer.from("secret"));
    assert.deepEqual(await readdir(folder.path), []);
    assert.equal(openFiles(folder.path), 1);
  }
  assert.equal(openFiles(folder.path), 0);
});

test("a folder that is not there is an error that names it", async () => {
  const missing = join(tmpdir(), "wharf-spool-missing", "folder");
  await assert.rejects(Spool.create(missing), { code: "ENOENT", message: /wharf-spool-missing/ });
});
