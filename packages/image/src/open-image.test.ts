import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempDisposable, open, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";

import {
  dockerFiles,
  openFilesBelow,
  simpleLayout,
  tarOfFiles,
  writeFiles,
} from "./testing/made-archive.ts";
import { digestOf } from "./document/digest.ts";
import type { ImageSource } from "./image.ts";
import { measureLayer } from "./testing/kept-layer.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { openImageFile, openImagePath, openImageStream } from "./open-image.ts";
import type { OpenOptions } from "./open-image.ts";
import type { ProgressEvent } from "./progress.ts";

const layer = tarOfFiles({ file: "x".repeat(100_000) });
const archive = tarOfFiles(dockerFiles([layer], ["app:1"]));
const layout = simpleLayout([layer], "app:1");

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  return mkdtempDisposable(join(tmpdir(), "wharf-open-"));
}

async function* chunksOf(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < bytes.length; position += size)
    yield bytes.slice(position, position + size);
}

/** Reads every layer of a source and closes it. */
async function namesOf(opening: Promise<ImageSource>): Promise<readonly string[]> {
  await using source = await opening;
  for (const image of source.images) {
    for (const each of image.layers)
      assert.equal((await measureLayer(each)).diffId, digestOf(layer));
  }
  return source.images.flatMap(({ names }) => names);
}

const wraps = { plain: (bytes: Buffer) => bytes, gzip: gzipSync, zstd: zstdCompressSync };

for (const [wrap, compress] of Object.entries(wraps)) {
  test(`docker-archive and OCI layout, ${wrap}, are read from path, descriptor and stream`, async () => {
    await using folder = await temporaryFolder();
    const options: OpenOptions = { tmpDir: folder.path };
    for (const bytes of [compress(archive), compress(tarOfFiles(layout))]) {
      const path = join(folder.path, "image");
      await writeFile(path, bytes);
      assert.deepEqual(await namesOf(openImagePath(path, options)), ["app:1"]);
      assert.deepEqual(await namesOf(openImageStream(chunksOf(bytes), options)), ["app:1"]);
      await using file = await open(path);
      assert.deepEqual(await namesOf(openImageFile(file.fd, options)), ["app:1"]);
      assert.equal((await file.stat()).size, bytes.length, "the descriptor is still the caller's");
    }
    assert.deepEqual(openFilesBelow(folder.path), []);
    assert.deepEqual(await readdir(folder.path), ["image"]);
  });
}

test("the compression of several members, and of a wrapped archive with compressed layers, is taken off", async () => {
  const wrapped = Buffer.concat([
    gzipSync(archive.subarray(0, 5000)),
    gzipSync(archive.subarray(5000)),
  ]);
  assert.deepEqual(await namesOf(openImageStream(chunksOf(wrapped))), ["app:1"]);
});

test("a FIFO is read as a stream", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "fifo");
  await promisify(execFile)("mkfifo", [path]);
  const [names] = await Promise.all([namesOf(openImagePath(path)), writeFile(path, archive)]);
  assert.deepEqual(names, ["app:1"]);
});

test("a folder keeps no descriptor open once it is closed", async () => {
  await using folder = await temporaryFolder();
  const source = await openImagePath(await writeFiles(folder.path, layout));
  const [first] = source.images[0]?.layers ?? [];
  assert.ok(first?.blob.slice);
  assert.equal(openFilesBelow(folder.path).length, 1);
  await source[Symbol.asyncDispose]();
  assert.deepEqual(openFilesBelow(folder.path), []);
  await source[Symbol.asyncDispose]();
});

test("an archive that cannot be used leaves no descriptor open", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "image");
  for (const bytes of [
    archive.subarray(0, 50_000),
    gzipSync(archive).subarray(0, 300),
    gzipSync(layer),
    layer,
  ]) {
    await writeFile(path, bytes);
    const options = { tmpDir: folder.path };
    await assert.rejects(openImagePath(path, options), { name: "ImageError" });
    await assert.rejects(openImageStream(chunksOf(bytes), options), { name: "ImageError" });
    assert.deepEqual(openFilesBelow(folder.path), []);
  }
});

test("input that is no image archive is refused in clear words", async () => {
  const cases: [Uint8Array, RegExp, string][] = [
    [Buffer.alloc(0), /empty/, "damaged"],
    [Buffer.from("BZh91AY&SY"), /bzip2/, "unsupported"],
    [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /xz/, "unsupported"],
    [Buffer.alloc(3000, "text"), /no tar archive/, "damaged"],
    [layer, /no image/, "unsupported"],
  ];
  for (const [bytes, message, code] of cases) {
    await assert.rejects(openImageStream(chunksOf(bytes)), { name: "ImageError", code, message });
  }
  const root = tarOfFiles({ "etc/passwd": "", "usr/bin/env": "" });
  await assert.rejects(openImageStream(chunksOf(tarOfFiles({ etc: "", usr: "" }))), {
    hint: /docker export/,
  });
  await assert.rejects(openImageStream(chunksOf(root)), { code: "unsupported" });
  await assert.rejects(openImagePath("/does/not/exist"), { code: "not-found" });
  await using folder = await temporaryFolder();
  await assert.rejects(openImagePath(folder.path), { code: "unsupported" });
});

test("an archive that expands beyond the limit is refused", async () => {
  const bomb = gzipSync(Buffer.alloc(4_000_000));
  const limits = { ...DEFAULT_LIMITS, ratioFreeBytes: 1_000_000, expansionRatio: 10 };
  await assert.rejects(openImageStream(chunksOf(bomb), { limits }), { code: "limit" });
});

test("an abort ends the spooling", async () => {
  await using folder = await temporaryFolder();
  const signal = AbortSignal.abort(new Error("stop"));
  await assert.rejects(openImageStream(chunksOf(archive), { signal, tmpDir: folder.path }), /stop/);
  await assert.rejects(
    openImageStream(chunksOf(gzipSync(archive)), { signal, tmpDir: folder.path }),
    /stop/,
  );
  assert.deepEqual(openFilesBelow(folder.path), []);
});

test("spooling is told", async () => {
  const events: ProgressEvent[] = [];
  await namesOf(
    openImageStream(chunksOf(archive), { onProgress: (event) => void events.push(event) }),
  );
  assert.ok(events.every(({ phase }) => phase === "spool"));
  assert.equal(
    events.reduce((sum, { bytes }) => sum + bytes, 0),
    archive.length,
  );
});
