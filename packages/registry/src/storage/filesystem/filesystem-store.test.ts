import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readSync } from "node:fs";
import {
  appendFile,
  mkdir,
  mkdtempDisposable,
  readdir,
  rmdir,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { collect } from "../testing/collect.ts";
import { openTestFolder } from "../testing/every-blob-store.ts";
import { DurableFolders } from "./durable-folders.ts";
import { openFilesystemStore } from "./open-filesystem-store.ts";

const HEX = "4f".repeat(32);

test("objects lie where the layout says", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-store-"));
  const path = join(folder.path, "made/on/the/way");
  await using store = await openFilesystemStore(path);
  await store.put(`blobs/sha256/4f/${HEX}/k3m9x`, Buffer.from("x"));
  await store.put(`indexes/1/sha256/4f/${HEX}`, Buffer.from("y"));
  assert.deepEqual(await readdir(join(path, "blobs/sha256/4f")), [`${HEX}=k3m9x`]);
  assert.deepEqual(await readdir(join(path, "indexes/1/sha256/4f")), [HEX]);
  assert.deepEqual(await readdir(join(path, "uploads")), []);
});

test("files that are none of its own are not listed, links are not followed", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-store-"));
  await using store = await openFilesystemStore(folder.path);
  await store.put("blobs/a", Buffer.from("x"));
  await writeFile(join(folder.path, "blobs", ".hidden"), "");
  await writeFile(join(folder.path, "blobs", "Capital"), "");
  await writeFile(join(folder.path, "blobs", "x=y"), "");
  await symlink("/etc", join(folder.path, "blobs", "link"));
  await symlink("/etc/passwd", join(folder.path, "blobs", "passwd"));
  await mkdir(join(folder.path, "blobs", `${HEX}=folder`));
  await writeFile(join(folder.path, "blobs", `${HEX}=folder`, "x"), "");
  assert.deepEqual(await Array.fromAsync(store.list(""), ({ key }) => key), ["blobs/a"]);
  assert.equal(await store.stat("blobs/passwd"), undefined);
  await assert.rejects(store.open("blobs/passwd"), { code: "not-found" });
});

test("a writer that was given up elsewhere cannot change what another has made of the upload", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-store-"));
  await using first = await openFilesystemStore(folder.path);
  await using second = await openFilesystemStore(folder.path);
  await using stalled = await first.openUpload("one", undefined);
  await stalled.write(Buffer.from("abc"));
  const state = await stalled.flush();
  {
    await using writer = await second.openUpload("one", state);
    await writer.write(Buffer.from("def"));
    await writer.commit("blobs/a");
  }
  await stalled.write(Buffer.from("XYZ"));
  await assert.rejects(async () => {
    await stalled.flush();
    await stalled.commit("blobs/b");
  });
  assert.equal((await collect((await second.open("blobs/a")).stream())).toString(), "abcdef");
});

test("an object is a slice of an open file as long as it is open", async () => {
  await using store = await openTestFolder();
  await store.put("blobs/a", Buffer.from("abcdef"));
  await using object = await store.open("blobs/a");
  await store.delete("blobs/a");
  const buffer = Buffer.alloc(3);
  const { fd = -1, offset, size } = object.slice ?? {};
  assert.deepEqual({ offset, size }, { offset: 0, size: 6 });
  readSync(fd, buffer, 0, 3, 2);
  assert.equal(buffer.toString(), "cde");
  await object[Symbol.asyncDispose]();
  await assert.rejects(collect(object.stream()), TypeError);
});

test("an object that is closed under its reader is closed when the reader has left", async () => {
  await using store = await openTestFolder();
  await store.put("blobs/a", randomBytes(2_000_000));
  const object = await store.open("blobs/a");
  const stream = object.stream()[Symbol.asyncIterator]();
  await stream.next();
  await object[Symbol.asyncDispose]();
  const { fd = -1 } = object.slice ?? {};
  assert.equal(readSync(fd, Buffer.alloc(1), 0, 1, 0), 1);
  await assert.rejects(async () => await stream.next(), TypeError);
  assert.throws(() => readSync(fd, Buffer.alloc(1), 0, 1, 0), { code: "EBADF" });
});

test("the last chunk of a reader that left early is not given to the next one", async () => {
  await using store = await openTestFolder();
  await store.put("blobs/a", Buffer.alloc(2_000_000, 1));
  await store.put("blobs/b", Buffer.alloc(2_000_000, 2));
  await using first = await store.open("blobs/a");
  await using second = await store.open("blobs/b");
  let kept: Uint8Array = new Uint8Array();
  for await (const chunk of first.stream()) {
    kept = chunk; // as in a server that is still sending it
    break;
  }
  await collect(second.stream());
  assert.ok(kept.length > 0 && kept.every((byte) => byte === 1));
});

test("what a process had written beyond its last flush when it died is cut off", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-store-"));
  await using store = await openFilesystemStore(folder.path);
  let state: string;
  {
    await using upload = await store.openUpload("u", undefined);
    await upload.write(Buffer.from("abc"));
    state = await upload.flush();
  }
  await appendFile(join(folder.path, "uploads/u"), "half a chunk");
  await using upload = await store.openUpload("u", state);
  assert.equal(upload.size, 3);
  await upload.write(Buffer.from("d"));
  await upload.commit("blobs/a");
  await using object = await store.open("blobs/a");
  assert.equal((await collect(object.stream())).toString(), "abcd");
  await assert.rejects(store.openUpload("u", state), { code: "not-found" });
});

test("a writer that was given up does not change what began anew under its name", async () => {
  await using store = await openTestFolder();
  await using stale = await store.openUpload("u", undefined);
  await stale.write(Buffer.alloc(2_000_000, 1));
  await using upload = await store.openUpload("u", undefined);
  await upload.write(Buffer.from("abc"));
  await stale.write(Buffer.alloc(2_000_000, 1));
  await stale[Symbol.asyncDispose]();
  await upload.commit("blobs/a");
  await using object = await store.open("blobs/a");
  assert.equal((await collect(object.stream())).toString(), "abc");
});

test("a store that cannot be written to says so when it is opened", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-store-"));
  const file = join(folder.path, "file");
  await writeFile(file, "");
  for (const path of [file, join(file, "below")])
    await assert.rejects(openFilesystemStore(path), { name: "StorageError", code: "unavailable" });
});

test("a folder of the store that somebody removes is an error once, and is made again", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-store-"));
  await using store = await openFilesystemStore(folder.path);
  await store.put("blobs/a/x", Buffer.from("x"));
  await store.delete("blobs/a/x");
  await rmdir(join(folder.path, "blobs/a"));
  await assert.rejects(store.put("blobs/a/x", Buffer.from("x")), { code: "unavailable" });
  await store.put("blobs/a/x", Buffer.from("x"));
  assert.equal(await store.stat("blobs/a/x"), 1);
});

test("folders that many want at once are made once, and their syncs end", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "wharf-folders-"));
  const folders = new DurableFolders(folder.path);
  const paths = Array.from({ length: 50 }, (_, index) => join(folder.path, `a/b${index % 3}/c`));
  await Promise.all(paths.map((path) => folders.make(path)));
  await Promise.all(paths.map((path) => folders.sync(path)));
  assert.deepEqual((await readdir(join(folder.path, "a"))).toSorted(), ["b0", "b1", "b2"]);
  await assert.rejects(folders.sync(join(folder.path, "absent")), { code: "ENOENT" });
  await assert.rejects(folders.sync(join(folder.path, "absent")), { code: "ENOENT" });
});
