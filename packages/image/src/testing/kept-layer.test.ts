import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { Collector, memorySource } from "./made-archive.ts";
import { digestOf } from "../document/digest.ts";
import type { ImageLayer } from "../image.ts";
import { keepLayer, measureLayer } from "./kept-layer.ts";

const tar = Buffer.alloc(5120, "layer");
const diffId = digestOf(tar);

function layer(stored: Uint8Array): ImageLayer {
  return { blob: memorySource(stored), mediaType: "", digest: undefined, diffId };
}

test("a kept layer gives its uncompressed bytes, however it is stored", async () => {
  for (const stored of [tar, gzipSync(tar), zstdCompressSync(tar)]) {
    const kept = keepLayer(layer(stored), await measureLayer(layer(stored)));
    assert.equal(kept.size, tar.length);
    assert.equal(kept.diffId, diffId);
    const collector = new Collector();
    await kept.writeTo(collector.sink);
    assert.ok(collector.bytes.equals(tar));
  }
});

test("bytes that are not those of the diffID are refused", async () => {
  const other = layer(gzipSync(Buffer.alloc(5120, "other")));
  await assert.rejects(measureLayer(other), { code: "damaged", message: /diffID/ });
  await assert.rejects(
    keepLayer(other, { size: tar.length, diffId }).writeTo(new Collector().sink),
    { code: "damaged" },
  );
});

test("another length than announced is refused", async () => {
  for (const size of [tar.length - 1, tar.length + 1]) {
    await assert.rejects(keepLayer(layer(tar), { size, diffId }).writeTo(new Collector().sink), {
      code: "damaged",
    });
  }
});

test("an abort ends the transfer", async () => {
  const kept = keepLayer(layer(gzipSync(tar)), { size: tar.length, diffId });
  await assert.rejects(
    kept.writeTo(new Collector().sink, AbortSignal.abort(new Error("stop"))),
    /stop/,
  );
});

test("a sink that fails ends the transfer with its error", async () => {
  const kept = keepLayer(layer(gzipSync(tar)), { size: tar.length, diffId });
  await assert.rejects(
    kept.writeTo(() => Promise.reject(new Error("disk full"))),
    /disk full/,
  );
});
