import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { test } from "node:test";

import fc from "fast-check";

import { fileSource, readFully } from "./file-source.ts";
import { Spool } from "./spool.ts";
import { collect } from "../testing/collect.ts";
import { randomBytes } from "../testing/random-bytes.ts";

/** More than two of the chunks that a file is read in. */
const content = randomBytes(1_300_000);

async function spoolOf(bytes: Uint8Array): Promise<Spool> {
  const spool = await Spool.create();
  await spool.write(bytes);
  return spool;
}

test("any stretch of any slice is what the file has there", async () => {
  await using spool = await spoolOf(content);
  const numbers = fc.tuple(...Array.from({ length: 4 }, () => fc.nat({ max: content.length })));
  const ascending = numbers.map((some) => some.toSorted((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(ascending, async ([first = 0, second = 0, third = 0, fourth = 0]) => {
      const source = fileSource({ fd: spool.fd, offset: first, size: fourth - first });
      const read = await collect(source.stream(second - first, third - first));
      assert.ok(read.equals(content.subarray(second, third)));
    }),
  );
});

test("streams of one descriptor do not get in each other's way", async () => {
  await using spool = await spoolOf(content);
  const source = spool.source();
  const all = await Promise.all([0, 1, 2].map((start) => collect(source.stream(start))));
  for (const [start, bytes] of all.entries()) assert.ok(bytes.equals(content.subarray(start)));
});

test("a slice is never read beyond its end, though the file goes on", async () => {
  await using spool = await spoolOf(content);
  const source = fileSource({ fd: spool.fd, offset: 10, size: 20 });
  assert.equal((await collect(source.stream())).length, 20);
  await assert.rejects(collect(source.stream(0, 21)), {
    code: "damaged",
    message: /ends 1 bytes too early/,
  });
  await assert.rejects(collect(source.stream(30, 40)), { code: "damaged" });
});

test("a file that is shorter than its slice is damage, after what it has", async () => {
  await using spool = await spoolOf(content);
  const source = fileSource({ fd: spool.fd, offset: 0, size: content.length + 7 });
  let received = 0;
  const reading = async (): Promise<void> => {
    for await (const chunk of source.stream()) {
      received += chunk.length;
      await collect(spool.source().stream()); // the next chunk fails meanwhile
    }
  };
  await assert.rejects(reading(), { code: "damaged", message: /7 bytes too early/ });
  assert.ok(received > 0 && received <= content.length);
});

test("an empty stretch is no chunk", async () => {
  await using spool = await spoolOf(content);
  assert.deepEqual(await Array.fromAsync(spool.source().stream(5, 5)), []);
  assert.deepEqual(
    await Array.fromAsync(fileSource({ fd: spool.fd, offset: 3, size: 0 }).stream()),
    [],
  );
});

test("a descriptor that cannot be read is an error of the system", async () => {
  const closed = await open(import.meta.filename);
  const { fd } = closed;
  await closed.close();
  await assert.rejects(readFully(fd, Buffer.alloc(1), 1, 0), { code: "EBADF" });
});
