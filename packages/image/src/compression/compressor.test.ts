import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { suite, test } from "node:test";

import { detectCompression } from "./compression.ts";
import type { LayerCompression } from "./compression.ts";
import { compressor } from "./compressor.ts";
import { decompress } from "./decompress.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";
import { collect, collectSink } from "../testing/collect.ts";
import { randomBytes } from "../testing/random-bytes.ts";

const text = Buffer.from("words that come again and again ".repeat(20_000));

async function compress(
  compression: LayerCompression,
  chunks: readonly Uint8Array[],
): Promise<Buffer> {
  return await collectSink(async (sink) => {
    const encoder = compressor(compression, sink);
    for (const chunk of chunks) await encoder.write(chunk);
    await encoder.end();
  });
}

const kinds: readonly LayerCompression[] = [
  { kind: "none" },
  { kind: "gzip", level: 1 },
  { kind: "zstd", level: 1 },
];

for (const compression of kinds) {
  const { kind } = compression;
  suite(`compression ${JSON.stringify(compression)}`, () => {
    test("what comes out can be read again", async () => {
      for (const content of [text, randomBytes(1_000_000), Buffer.from("a"), Buffer.alloc(0)]) {
        const chunks = [content.subarray(0, 100_000), content.subarray(100_000)];
        const compressed = await compress(compression, chunks);
        assert.equal(detectCompression(compressed), kind);
        const plain = await collect(decompress(new ChunkedSource(compressed), kind));
        assert.ok(plain.equals(content));
        if (content === text && kind !== "none") assert.ok(compressed.length < text.length / 10);
      }
    });

    test("the same bytes come out every time, without time or name", async () => {
      const once = await compress(compression, [text]);
      assert.ok(once.equals(await compress(compression, [text])));
      if (kind === "gzip") assert.equal(once.readUInt32LE(4), 0, "MTIME (RFC 1952, 2.3.1)");
    });

    test("a chunk may be changed once it is written", async () => {
      const compressed = await collectSink(async (sink) => {
        const encoder = compressor(compression, sink);
        const chunk = Buffer.alloc(70_000);
        for (let turn = 0; turn < 20; turn++) {
          await encoder.write(chunk.fill(turn));
          chunk.fill(0xff);
        }
        await encoder.end();
      });
      const plain = await collect(decompress(new ChunkedSource(compressed), kind));
      const expected = Array.from({ length: 20 }, (_, turn) => Buffer.alloc(70_000, turn));
      assert.ok(plain.equals(Buffer.concat(expected)));
    });

    test("a sink that is busy holds up the writer", async () => {
      const { promise: gate, resolve: open } = Promise.withResolvers<void>();
      const encoder = compressor(compression, () => gate);
      let written = 0;
      const writing = (async () => {
        for (let turn = 0; turn < 40; turn++) {
          await encoder.write(randomBytes(250_000, turn + 1));
          written++;
        }
        await encoder.end();
      })();
      let before = -1;
      while (before !== written) {
        before = written;
        for (let turn = 0; turn < 50; turn++) await nextTurn();
      }
      assert.ok(written < 20, `${written} chunks were taken`);
      open();
      await writing;
      assert.equal(written, 40);
    });

    test("the error of a sink reaches the writer, whenever it looks", async () => {
      const failure = new Error("the disk is full");
      const failing = async (): Promise<void> => {
        throw failure;
      };
      for (const pause of [async () => undefined, nextTurn]) {
        const encoder = compressor(compression, failing);
        const writing = async (): Promise<void> => {
          for (let turn = 0; turn < 40; turn++) {
            await encoder.write(randomBytes(300_000, turn + 1));
            await pause();
          }
        };
        await assert.rejects(writing(), failure);
        if (kind !== "none") await assert.rejects(encoder.end(), failure);
        encoder.abort();
      }
    });

    test("an aborted encoder lets go of its sink", async () => {
      let received = 0;
      const encoder = compressor(compression, async (chunk) => void (received += chunk.length));
      await encoder.write(randomBytes(1_000_000));
      encoder.abort();
      const before = received;
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      assert.equal(received, before);
      if (kind !== "none") await assert.rejects(encoder.write(randomBytes(1_000_000)));
    });
  });
}

test("the level counts", async () => {
  const words = Buffer.from(
    Array.from(randomBytes(50_000), (byte) => `word${byte % 40}`).join(" "),
  );
  for (const kind of ["gzip", "zstd"] as const) {
    const sizes = await Promise.all(
      [1, 9].map(async (level) => (await compress({ kind, level }, [words])).length),
    );
    assert.ok((sizes[0] ?? 0) > (sizes[1] ?? 0), `${kind}: ${sizes.join(" > ")} bytes`);
  }
});
