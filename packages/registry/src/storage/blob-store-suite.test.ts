// One thing although long: what every blob store does, driver by driver the same.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { suite, test } from "node:test";

import type { BlobStore, StorageError, UploadWriter } from "./blob-store.ts";
import { openBlobStore } from "./open-blob-store.ts";
import { collect } from "./testing/collect.ts";
import { everyBlobStore, TEST_PART } from "./testing/every-blob-store.ts";

const NOT_FOUND = { name: "StorageError", code: "not-found" };
const KEY = "blobs/sha256/4f/4f1c/k3m9x";

everyBlobStore((kind, openTestStore) => {
  suite("objects", () => {
    test("what was put is read, whole and in ranges, in any order", async () => {
      await using store = await openTestStore();
      const content = randomBytes(1_000_003);
      await store.put(KEY, content);
      await using object = await store.open(KEY);
      assert.equal(object.size, content.length);
      assert.equal(await store.stat(KEY), content.length);
      assert.ok((await collect(object.stream())).equals(content));
      const ranges = [
        [1_000_002, 1_000_003],
        [0, 1],
        [262_143, 524_289],
        [500_000, 500_000],
        [999_999, 1_000_003],
        [0, 1_000_003],
      ] as const;
      for (const [start, end] of ranges) {
        const bytes = await collect(object.stream(start, end));
        assert.ok(bytes.equals(content.subarray(start, end)), `${start} to ${end}`);
      }
      const both = await Promise.all([collect(object.stream(7)), collect(object.stream(0, 9))]);
      assert.ok(both[0].equals(content.subarray(7)) && both[1].equals(content.subarray(0, 9)));
    });

    test("an empty object has no bytes", async () => {
      await using store = await openTestStore();
      await store.put(KEY, new Uint8Array());
      await using object = await store.open(KEY);
      assert.equal(object.size, 0);
      assert.equal(await store.stat(KEY), 0);
      assert.deepEqual(await Array.fromAsync(object.stream()), []);
    });

    test("bytes behind the end are an error, not fewer bytes", async () => {
      await using store = await openTestStore();
      await store.put(KEY, Buffer.from("abc"));
      await using object = await store.open(KEY);
      await assert.rejects(collect(object.stream(0, 4)), { code: "damaged" });
    });

    test("a reader that leaves early disturbs nobody", async () => {
      await using store = await openTestStore();
      const content = randomBytes(3_000_000);
      await store.put(KEY, content);
      await using object = await store.open(KEY);
      for await (const chunk of object.stream()) {
        assert.ok(chunk.length > 0);
        break;
      }
      assert.ok((await collect(object.stream())).equals(content));
    });

    test("what is not there is not found", async () => {
      await using store = await openTestStore();
      await store.put("blobs/sha256/aa/x", Buffer.from("x"));
      for (const key of [KEY, "blobs/sha256/aa", "blobs/sha256/aa/x/y", "blobs"]) {
        await assert.rejects(store.open(key), NOT_FOUND, key);
        assert.equal(await store.stat(key), undefined, key);
        await store.delete(key);
      }
      assert.equal(await store.stat("blobs/sha256/aa/x"), 1);
    });

    test("an object is replaced as a whole, however many replace it", async () => {
      await using store = await openTestStore();
      const contents = [10, 300_000, 0, 70_000].map((size, index) => Buffer.alloc(size, index + 1));
      await store.put(KEY, randomBytes(1000));
      const writing = { isOver: false };
      const reading = (async () => {
        let rounds = 0;
        while (!writing.isOver || rounds < 3) {
          await using object = await store.open(KEY);
          rounds++;
          try {
            const bytes = await collect(object.stream());
            assert.equal(bytes.length, object.size);
            assert.ok(rounds < 2 || new Set(bytes).size <= 1 || bytes.length === 1000);
          } catch (error) {
            // A store may notice that the content is another one now; mixing two it may not.
            assert.equal((error as StorageError).code, "unavailable");
          }
        }
      })();
      for (let round = 0; round < 5; round++)
        await Promise.all(contents.map((content) => store.put(KEY, content)));
      writing.isOver = true;
      await reading;
      await store.put(KEY, Buffer.from("last"));
      assert.equal((await read(store, KEY)).toString(), "last");
    });

    test("a deleted object is gone; who reads it finishes or is told", async () => {
      await using store = await openTestStore();
      const content = randomBytes(2_000_000);
      await store.put(KEY, content);
      await using object = await store.open(KEY);
      const stream = object.stream()[Symbol.asyncIterator]();
      const first = await stream.next();
      const chunks = [Buffer.from(first.done === true ? [] : first.value)];
      await store.delete(KEY);
      assert.equal(await store.stat(KEY), undefined);
      await assert.rejects(store.open(KEY), NOT_FOUND);
      try {
        for (let next = await stream.next(); next.done !== true; next = await stream.next())
          chunks.push(Buffer.from(next.value));
        assert.ok(Buffer.concat(chunks).equals(content));
      } catch (error) {
        assert.equal((error as StorageError).name, "StorageError");
      }
      await store.delete(KEY);
    });

    test("keys with a way out, or none at all, are refused everywhere", async () => {
      await using store = await openTestStore();
      const bad = [
        "",
        "/",
        "..",
        "../x",
        "blobs/../../x",
        "blobs/./x",
        "/etc/passwd",
        "blobs//x",
        "blobs/",
        "blobs/.hidden",
        "Blobs/x",
        "blobs/ä",
        "blobs/a\0b",
        "blobs/a\nb",
        "blobs\\x",
        "blobs/a b",
        "blobs/%2e%2e",
        "blobs/a=b",
        "uploads/x",
        "b".repeat(513),
      ];
      for (const key of bad) {
        await assert.rejects(store.open(key), TypeError, key);
        await assert.rejects(store.stat(key), TypeError, key);
        await assert.rejects(store.put(key, Buffer.from("x")), TypeError, key);
        await assert.rejects(store.delete(key), TypeError, key);
        await using upload = await store.openUpload("u", undefined);
        await assert.rejects(upload.commit(key), TypeError, key);
      }
      for (const id of ["", "..", "a/b", "A", "a.b", "x".repeat(65)]) {
        await assert.rejects(store.openUpload(id, undefined), TypeError, id);
        await assert.rejects(store.discardUpload(id, undefined), TypeError, id);
      }
      assert.deepEqual(await keys(store, ""), []);
    });

    test("lists by any prefix, more than a page", async () => {
      await using store = await openTestStore();
      const before = Date.now();
      const many = Array.from({ length: 1030 }, (_, index) => {
        const hex = createHash("sha256").update(String(index)).digest("hex");
        return `blobs/sha256/${hex.slice(0, 2)}/${hex}/g${index}`;
      });
      await inParallel(many, (key) => store.put(key, Buffer.alloc(key.length)));
      await store.put("indexes/1/sha256/aa/b", Buffer.from("x"));
      await using upload = await store.openUpload("not-an-object", undefined);
      await upload.write(Buffer.from("x"));
      await upload.flush();

      assert.deepEqual(await keys(store, "blobs/"), many.toSorted());
      assert.equal((await keys(store, "")).length, many.length + 1);
      const [some = ""] = many;
      for (const length of [3, 6, 14, 15, 16, 20, 80, some.length - 1, some.length]) {
        const prefix = some.slice(0, length);
        const expected = many.filter((key) => key.startsWith(prefix));
        assert.deepEqual(await keys(store, prefix), expected.toSorted(), prefix);
      }
      assert.deepEqual(await keys(store, "indexes/2"), []);
      assert.deepEqual(await keys(store, `${some}/x`), []);
      for await (const { key, size, changedAt } of store.list(some.slice(0, 40))) {
        assert.equal(size, key.length);
        assert.ok(changedAt >= before - 2000 && changedAt <= Date.now() + 2000);
      }
      assert.throws(() => store.list("A"), TypeError);
    });
  });

  suite("uploads", () => {
    for (const [name, size] of [
      ["no byte", 0],
      ["one byte", 1],
      ["less than a part", TEST_PART - 1],
      ["exactly a part", TEST_PART],
      ["a byte more than a part", TEST_PART + 1],
      ["several parts", 3 * TEST_PART + 17],
    ] as const) {
      test(`${name}: appears with the commit, byte for byte`, async () => {
        await using store = await openTestStore();
        const content = randomBytes(size);
        await using upload = await store.openUpload("u-1", undefined);
        await writeAll(upload, content, 100_000);
        assert.equal(upload.size, size);
        assert.ok((await collect(upload.readBack())).equals(content));
        assert.ok((await collect(upload.readBack())).equals(content), "read back twice");
        assert.equal(await store.stat(KEY), undefined);
        assert.deepEqual(await keys(store, ""), []);
        await upload.commit(KEY);
        assert.ok((await read(store, KEY)).equals(content));
        assert.deepEqual(await uploads(store), []);
        await assert.rejects(upload.commit("blobs/other"), TypeError);
      });
    }

    test("chunks of every size arrive in their order", async () => {
      await using store = await openTestStore();
      await using upload = await store.openUpload("u", undefined);
      const chunks = [0, 1, 3_000_000, 1024, 0, 7_000_000, 1, 1_048_576, 17].map((size) =>
        randomBytes(size),
      );
      for (let index = 0; index < 3000; index++) chunks.push(Buffer.from([index % 251]));
      for (const chunk of chunks) await upload.write(Buffer.from(chunk));
      await upload.commit(KEY);
      assert.ok((await read(store, KEY)).equals(Buffer.concat(chunks)));
    });

    test("another process continues from a state, whatever came after it", async () => {
      await using store = await openTestStore();
      const content = randomBytes(2 * TEST_PART + 1234);
      for (const at of [0, 10, TEST_PART - 1, TEST_PART, TEST_PART + 1, 2 * TEST_PART + 7]) {
        let state: string;
        {
          await using upload = await store.openUpload("u", undefined);
          await writeAll(upload, content.subarray(0, at), 300_000);
          state = await upload.flush();
          await writeAll(upload, randomBytes(TEST_PART + 99), 300_000); // is lost
        }
        await using other = await openBlobStore(store.options);
        await using upload = await other.openUpload("u", state);
        assert.equal(upload.size, at);
        await writeAll(upload, content.subarray(at), 300_000);
        await upload.commit(KEY);
        assert.ok((await read(store, KEY)).equals(content), `from ${at}`);
        assert.deepEqual(await uploads(store), []);
      }
    });

    test("the state before the last one is good as well", async () => {
      await using store = await openTestStore();
      const content = randomBytes(30_000);
      await using first = await store.openUpload("u", undefined);
      for (const at of [0, 3000]) {
        await first.write(Buffer.from(content.subarray(at, at + 3000)));
        await first.flush();
      }
      await first.write(Buffer.from(content.subarray(6000, 10_000)));
      const kept = await first.flush();
      await first.write(randomBytes(5000));
      await first.flush();
      await first[Symbol.asyncDispose]();
      await using second = await store.openUpload("u", kept);
      assert.equal(second.size, 10_000);
      await second.write(content.subarray(10_000));
      await second.commit(KEY);
      assert.ok((await read(store, KEY)).equals(content));
    });

    test("many small flushes, each by a writer of its own", async () => {
      await using store = await openTestStore();
      const content = randomBytes(40_000);
      let state: string | undefined;
      for (let at = 0; at < content.length; at += 2000) {
        await using upload = await store.openUpload("u", state);
        assert.equal(upload.size, at);
        await upload.write(content.subarray(at, at + 1000));
        await upload.flush();
        await upload.write(content.subarray(at + 1000, at + 2000));
        state = await upload.flush();
        assert.equal(await upload.flush(), state);
      }
      await using upload = await store.openUpload("u", state);
      assert.ok((await collect(upload.readBack())).equals(content));
      await upload.commit(KEY);
      assert.ok((await read(store, KEY)).equals(content));
      assert.deepEqual(await uploads(store), []);
    });

    test("what was read back and not committed can still be continued", async () => {
      await using store = await openTestStore();
      const content = randomBytes(2 * TEST_PART + 50);
      let state: string;
      {
        await using upload = await store.openUpload("u", undefined);
        await writeAll(upload, content.subarray(0, TEST_PART + 25), 1_000_000);
        state = await upload.flush();
        await upload.write(randomBytes(5000));
        assert.equal((await collect(upload.readBack())).length, TEST_PART + 5025);
      }
      await using upload = await store.openUpload("u", state);
      assert.equal(upload.size, TEST_PART + 25);
      await writeAll(upload, content.subarray(TEST_PART + 25), 1_000_000);
      await upload.commit(KEY);
      assert.ok((await read(store, KEY)).equals(content));
      assert.deepEqual(await uploads(store), []);
    });

    test("a writer that is closed without a flush leaves nothing", async () => {
      await using store = await openTestStore();
      for (const size of [10, 2 * TEST_PART]) {
        await using upload = await store.openUpload("u", undefined);
        await writeAll(upload, randomBytes(size), 500_000);
      }
      assert.deepEqual(await uploads(store), []);
    });

    test("a discarded upload is gone; one that is not there is no error", async () => {
      await using store = await openTestStore();
      const before = Date.now();
      for (const size of [10, 2 * TEST_PART + 10]) {
        let state: string;
        {
          await using upload = await store.openUpload("left-over", undefined);
          await writeAll(upload, randomBytes(size), 500_000);
          state = await upload.flush();
        }
        const [leftover, ...others] = await uploads(store);
        assert.equal(others.length, 0);
        assert.equal(leftover?.id, "left-over");
        assert.equal(leftover.bytes, size);
        assert.ok(leftover.changedAt >= before - 2000 && leftover.changedAt <= Date.now() + 2000);
        await store.discardUpload("left-over", size === 10 ? undefined : state);
        assert.deepEqual(await uploads(store), []);
        await assert.rejects(store.openUpload("left-over", state), NOT_FOUND);
        await store.discardUpload("left-over", state);
      }
      await store.discardUpload("never-was", undefined);
    });

    test("a state of nobody is not found", async () => {
      await using store = await openTestStore();
      for (const state of ["", "x", "-1", "1e3", "99999999999999999999", "5", "{}"])
        await assert.rejects(store.openUpload("u", state), NOT_FOUND, state);
    });

    test("one content goes to two keys, and a key is replaced", async () => {
      await using store = await openTestStore();
      const content = randomBytes(TEST_PART + 100);
      for (const key of ["blobs/a/1", "blobs/a/2", "blobs/a/1"]) {
        await using upload = await store.openUpload(`u-${key.at(-1)}`, undefined);
        await writeAll(upload, content, 200_000);
        await upload.commit(key);
      }
      await store.delete("blobs/a/1");
      assert.ok((await read(store, "blobs/a/2")).equals(content));
      await using upload = await store.openUpload("u", undefined);
      await upload.write(Buffer.from("new"));
      await upload.commit("blobs/a/2");
      assert.equal((await read(store, "blobs/a/2")).toString(), "new");
    });

    test("many uploads at once do not mix", async () => {
      await using store = await openTestStore();
      const numbers = Array.from({ length: 24 }, (_, index) => index);
      await inParallel(numbers, async (number) => {
        await using upload = await store.openUpload(`u${number}`, undefined);
        const size = number % 8 === 0 ? TEST_PART + 10 : 50_000 + number;
        for (let left = size; left > 0; left -= 10_000) {
          await upload.write(Buffer.alloc(Math.min(10_000, left), number));
          if (number % 3 === 0 && left < 30_000) await upload.flush();
        }
        await upload.commit(`blobs/c/${number}`);
        const bytes = await read(store, `blobs/c/${number}`);
        assert.ok(bytes.equals(Buffer.alloc(size, number)));
      });
      assert.deepEqual(await uploads(store), []);
    });

    test("an upload that begins anew forgets what it had", async () => {
      await using store = await openTestStore();
      {
        await using upload = await store.openUpload("u", undefined);
        await upload.write(randomBytes(1000));
        await upload.flush();
      }
      await using upload = await store.openUpload("u", undefined);
      assert.equal(upload.size, 0);
      await upload.write(Buffer.from("abc"));
      await upload.commit(KEY);
      assert.equal((await read(store, KEY)).toString(), "abc");
    });
  });

  test(`tells its free space if it can (${kind})`, async () => {
    await using store = await openTestStore();
    if (store.free !== undefined) assert.ok((await store.free()) > 0);
    assert.equal(store.free !== undefined, kind === "filesystem");
    assert.equal(store.redirect, undefined);
  });
});

async function read(store: BlobStore, key: string): Promise<Buffer> {
  await using object = await store.open(key);
  return await collect(object.stream());
}

async function keys(store: BlobStore, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(store.list(prefix), ({ key }) => key)).toSorted();
}

async function uploads(
  store: BlobStore,
): Promise<{ id: string; bytes: number; changedAt: number }[]> {
  return await Array.fromAsync(store.listUploads());
}

/** Chunks belong to the writer, so each is a copy. */
async function writeAll(upload: UploadWriter, content: Buffer, length: number): Promise<void> {
  for (let at = 0; at < content.length; at += length)
    await upload.write(Buffer.from(content.subarray(at, at + length)));
}

/** Eight at a time. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const workers = Array.from({ length: 8 }, async () => {
    for (const item of left) await work(item);
  });
  await Promise.all(workers);
}
