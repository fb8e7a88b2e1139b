import assert from "node:assert/strict";
import { mkdtempDisposable, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { file } from "../../test/entries.ts";
import { layerTar } from "../../test/tar-builder.ts";
import { digestOf } from "../document/digest.ts";
import type { FileSlice } from "../source/byte-source.ts";
import { ImageThread } from "./image-thread.ts";
import { ImageThreads } from "./image-threads.ts";
import { ownedBuffers } from "./owned-buffers.ts";

const tar = layerTar([file("a", "data"), { name: "large", data: Buffer.alloc(90_000_000) }]);

async function withSlice(check: (slice: FileSlice) => Promise<void>): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-threads-"));
  await using handle = await open(join(folder.path, "layer"), "w+");
  await handle.writeFile(tar);
  await check({ fd: handle.fd, offset: 0, size: tar.length });
}

const claims = { digest: digestOf(tar) };

test("a signal ends a task with its reason, the thread goes on", () =>
  withSlice(async (slice) => {
    await using thread = new ImageThread();
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = (): void => controller.abort(reason);
    const ended = thread.run("index", { slice, claims }, { signal, onProgress });
    await assert.rejects(ended, (error) => error === reason);
    await assert.rejects(
      thread.run("index", { slice, claims }, { signal }),
      (error) => error === reason,
    );
    assert.equal(thread.load, 0);
    assert.equal((await thread.run("index", { slice, claims })).table.count, 2);
  }));

test("tasks of one thread run beside each other", () =>
  withSlice(async (slice) => {
    await using threads = new ImageThreads({ count: 1 });
    let progress = 0;
    const index = threads.run(
      "index",
      { slice, claims },
      { onProgress: (bytes) => void (progress += bytes) },
    );
    const small = { ...slice, size: 0 };
    await threads.run("index", { slice: small, claims: {} });
    assert.ok(progress < slice.size, "the long task is still under way");
    await index;
    assert.equal(progress, slice.size);
  }));

test("a thread that is closed ends what it does", () =>
  withSlice(async (slice) => {
    const threads = new ImageThreads();
    const ended = threads.run("index", { slice, claims });
    await Promise.all([assert.rejects(ended, /has ended/), threads[Symbol.asyncDispose]()]);
    await assert.rejects(threads.run("index", { slice, claims }), /are closed/);
  }));

test("a thread without work ends after a while, another takes its place", () =>
  withSlice(async (slice) => {
    await using threads = new ImageThreads({ count: 1, idleMs: 0 });
    const small = { slice: { ...slice, size: 0 }, claims: {} };
    for (let time = 0; time < 3; time++) {
      assert.equal((await threads.run("index", small)).size, 0);
      await new Promise((resolve) => setTimeout(resolve, 5)); // the thread may go meanwhile
    }
  }));

test("columns move, shared and listed memory is copied", () => {
  const whole = new Float64Array(4);
  const part = new Uint8Array(new ArrayBuffer(8), 4);
  const found = ownedBuffers({
    table: { whole, part },
    frames: [new Uint8Array(3)],
    map: new Map([["a", new Uint8Array(3)]]),
    none: undefined,
    empty: new Uint8Array(),
  });
  assert.deepEqual(found, [whole.buffer]);
  assert.deepEqual(ownedBuffers(undefined), []);
});
