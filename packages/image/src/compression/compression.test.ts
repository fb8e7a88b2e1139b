import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { layerTar } from "../../test/tar-builder.ts";
import { compressionOf, detectCompression } from "./compression.ts";
import { ChunkedSource } from "../testing/chunked-source.ts";

const examples = [
  ["gzip", gzipSync("x")],
  ["zstd", zstdCompressSync("x")],
  ["zstd", Buffer.from("502a4d1800000000", "hex")],
  ["zstd", Buffer.from("5f2a4d1800000000", "hex")],
  ["none", layerTar([{ name: "a" }])],
  ["none", Buffer.alloc(1024)],
  ["none", Buffer.from("1f8b07", "hex")],
  ["none", Buffer.from("1f8b", "hex")],
  ["none", Buffer.from("28b52f", "hex")],
  ["none", Buffer.from("602a4d18", "hex")],
  ["none", Buffer.alloc(0)],
] as const;

test("the first bytes tell the compression", () => {
  for (const [kind, bytes] of examples) assert.equal(detectCompression(bytes), kind);
});

test("they may come one by one", async () => {
  for (const [kind, bytes] of examples) {
    const source = new ChunkedSource(bytes, { sizes: [1] });
    assert.equal(await compressionOf(source), kind, bytes.toString("hex", 0, 4));
    assert.ok(source.handedOut <= 4);
    assert.equal(source.closed, source.opened);
  }
});
