import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { promisify } from "node:util";

import type { BlobStore } from "../blob-store.ts";
import { collect } from "../testing/collect.ts";
import { openFilesystemStore } from "./open-filesystem-store.ts";

const run = promisify(execFile);
const MIB = 1024 * 1024;
const FULL = { name: "StorageError", code: "full" };
const skip =
  process.platform === "linux" && process.getuid?.() === 0
    ? false
    : "a small file system to fill needs Linux and root";

suite("a full disk", { skip }, () => {
  test("refuses a small object and keeps nothing of it", async () => {
    await using disk = await SmallDisk.mount();
    await using store = await openFilesystemStore(disk.path);
    const before = await freeOf(store);
    await assert.rejects(store.put("blobs/big", randomBytes(9 * MIB)), FULL);
    assert.deepEqual(await readdir(join(disk.path, "uploads")), []);
    assert.ok((await freeOf(store)) >= before - MIB / 4);
    await store.put("blobs/small", Buffer.from("there is room"));
  });

  test("breaks an upload off and has its space back before the writer is closed", async () => {
    await using disk = await SmallDisk.mount();
    await using store = await openFilesystemStore(disk.path);
    const before = await freeOf(store);
    await using upload = await store.openUpload("u", undefined);
    await assert.rejects(fill(upload, 12 * MIB), FULL);
    assert.ok((await freeOf(store)) >= before - MIB / 4);
    assert.deepEqual(await Array.fromAsync(store.listUploads()), []);
    await assert.rejects(upload.write(Buffer.from("x")), TypeError);
  });

  test("an upload keeps what was flushed, and goes on when there is room", async () => {
    await using disk = await SmallDisk.mount();
    await using store = await openFilesystemStore(disk.path);
    await store.put("blobs/in-the-way", randomBytes(3 * MIB));
    const content = randomBytes(6 * MIB);
    let state: string;
    {
      await using upload = await store.openUpload("u", undefined);
      await upload.write(content.subarray(0, 2 * MIB));
      state = await upload.flush();
      await assert.rejects(fill(upload, 8 * MIB), FULL);
      const sizes = await Array.fromAsync(store.listUploads(), ({ bytes }) => bytes);
      assert.deepEqual(sizes, [2 * MIB]);
    }
    await store.delete("blobs/in-the-way");
    await using upload = await store.openUpload("u", state);
    await upload.write(content.subarray(2 * MIB));
    await upload.commit("blobs/a");
    await using object = await store.open("blobs/a");
    assert.ok((await collect(object.stream())).equals(content));
  });
});

async function fill(
  upload: Awaited<ReturnType<BlobStore["openUpload"]>>,
  bytes: number,
): Promise<void> {
  for (let left = bytes; left > 0; left -= 100_000) await upload.write(randomBytes(100_000));
  await upload.flush();
}

async function freeOf(store: BlobStore): Promise<number> {
  return (await store.free?.()) ?? 0;
}

/** A file system of 8 MiB in memory. */
class SmallDisk implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async mount(): Promise<SmallDisk> {
    const path = await mkdtemp(join(tmpdir(), "wharf-full-"));
    await run("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", path]);
    return new SmallDisk(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", ["--lazy", this.path]);
    await rmdir(this.path);
  }
}
