import { gzipSync, zstdCompressSync } from "node:zlib";

import { digestOf } from "../../src/document/digest.ts";
import type { CorpusCase, StoredLayer } from "../corpus-case.ts";
import { dir, file } from "../entries.ts";
import { D, F } from "../expected.ts";
import { layerTar } from "../tar-builder.ts";

const tar = layerTar([dir("d"), file("d/f", "compressible ".repeat(1000)), file("last", "last")]);
const tree = { d: D(), "d/f": F("compressible ".repeat(1000)), last: F("last") };
const [head, tail] = [tar.subarray(0, 5000), tar.subarray(5000)];
const gzip = gzipSync(tar);
const zstd = zstdCompressSync(tar);
/** RFC 8878, 3.1.2: any of 16 magic numbers, the length, bytes to skip. */
const skippable = Buffer.concat([
  Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]),
  Buffer.from("12345"),
]);
const stored = (blob: Buffer, more: Partial<StoredLayer> = {}): StoredLayer => ({
  blob,
  tar,
  ...more,
});
const flipped = (bytes: Buffer, at: number): Buffer =>
  Buffer.from(bytes).fill(
    (bytes.at(at) ?? 0) ^ 0xff,
    at < 0 ? bytes.length + at : at,
    (at < 0 ? bytes.length + at : at) + 1,
  );
const damaged = { code: "damaged", layer: 1 } as const;

export const compressions: readonly CorpusCase[] = [
  { name: "gzip", rule: 42, layers: [stored(gzip)], tree },
  { name: "[122] zstd", rule: 42, layers: [stored(zstd)], tree },
  { name: "[123] plain", rule: 42, layers: [stored(tar)], tree },
  {
    name: "[132] media type gzip, content plain",
    rule: 42,
    layers: [stored(tar, { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" })],
    tree,
  },
  {
    name: "media type zstd, content gzip; media type plain, content zstd",
    rule: 42,
    layers: [
      stored(gzip, { mediaType: "application/vnd.oci.image.layer.v1.tar+zstd" }),
      stored(zstd, { mediaType: "application/vnd.oci.image.layer.v1.tar" }),
    ],
    tree,
  },
  {
    name: "[124] several gzip members",
    rule: 43,
    layers: [stored(Buffer.concat([gzipSync(head), gzipSync(""), gzipSync(tail)]))],
    tree,
  },
  {
    name: "several zstd frames",
    rule: 43,
    layers: [stored(Buffer.concat([zstdCompressSync(head), zstdCompressSync(tail)]))],
    tree,
  },
  {
    name: "skippable zstd frames first, between and last",
    rule: 43,
    layers: [
      stored(
        Buffer.concat([
          skippable,
          zstdCompressSync(head),
          skippable,
          zstdCompressSync(tail),
          skippable,
        ]),
      ),
    ],
    tree,
  },
  {
    name: "gzip with file name, extra field, comment and header checksum",
    rule: 42,
    layers: [
      stored(
        Buffer.concat([
          Buffer.from([0x1f, 0x8b, 8, 4 + 8 + 16, 0, 0, 0, 0, 0, 3, 4, 0, 1, 2, 3, 4]),
          Buffer.from("name\0comment\0"),
          gzip.subarray(10),
        ]),
      ),
    ],
    tree,
  },
  {
    name: "[125] garbage after the gzip trailer",
    rule: 44,
    layers: [stored(Buffer.concat([gzip, Buffer.from("garbage")]))],
    tree,
    warnings: [44],
  },
  {
    name: "zeros after the gzip trailer",
    rule: 44,
    layers: [stored(Buffer.concat([gzip, Buffer.alloc(2000)]))],
    tree,
    warnings: [44],
  },
  {
    name: "[126] gzip cut short in the data",
    rule: 44,
    layers: [stored(gzip.subarray(0, -100))],
    error: damaged,
  },
  {
    name: "gzip cut short in the trailer",
    rule: 44,
    layers: [stored(gzip.subarray(0, -1))],
    error: damaged,
  },
  {
    name: "gzip cut short in the trailer, by all of it",
    rule: 44,
    layers: [stored(gzip.subarray(0, -8))],
    error: damaged,
  },
  {
    name: "[127] gzip with a wrong CRC",
    rule: 44,
    layers: [stored(flipped(gzip, -8))],
    error: damaged,
  },
  {
    name: "gzip with a wrong length",
    rule: 44,
    layers: [stored(flipped(gzip, -4))],
    error: damaged,
  },
  { name: "corrupt deflate data", rule: 44, layers: [stored(flipped(gzip, 60))], error: damaged },
  {
    name: "the second gzip member cut short",
    rule: 44,
    layers: [stored(Buffer.concat([gzipSync(head), gzipSync(tail).subarray(0, -5)]))],
    error: damaged,
  },
  {
    name: "the second gzip member cut short inside its header",
    rule: 44,
    layers: [stored(Buffer.concat([gzip, gzip.subarray(0, 6)]))],
    error: damaged,
  },
  { name: "zstd cut short", rule: 44, layers: [stored(zstd.subarray(0, -3))], error: damaged },
  { name: "corrupt zstd data", rule: 44, layers: [stored(flipped(zstd, 12))], error: damaged },
  {
    name: "garbage after the last zstd frame",
    rule: 44,
    layers: [stored(Buffer.concat([zstd, Buffer.from("garbage")]))],
    tree,
    warnings: [44],
  },
  {
    name: "the gzip magic alone",
    rule: 44,
    layers: [stored(Buffer.from([0x1f, 0x8b]))],
    error: damaged,
  },
  {
    name: "[129] a wrong digest",
    rule: 45,
    layers: [stored(gzip, { digest: digestOf(Buffer.from("other")) })],
    error: damaged,
  },
  {
    name: "[131] a size larger than what is there",
    rule: 45,
    layers: [stored(gzip, { size: gzip.length + 7 })],
    error: damaged,
  },
  {
    name: "a size smaller than what is there",
    rule: 45,
    layers: [stored(gzip, { size: gzip.length - 7 })],
    error: damaged,
  },
  {
    name: "a plain layer larger than what is there",
    rule: 45,
    layers: [stored(tar, { size: tar.length + 512 })],
    error: damaged,
  },
  {
    name: "[130] a wrong diffID",
    rule: 45,
    layers: [stored(gzip, { diffId: digestOf(Buffer.from("other")) })],
    error: damaged,
  },
  {
    name: "a wrong diffID of a plain layer",
    rule: 45,
    layers: [stored(tar, { diffId: digestOf(gzip) })],
    error: damaged,
  },
  {
    name: "a wrong digest of the second layer",
    rule: 45,
    layers: [stored(gzip), stored(zstd, { digest: digestOf(gzip) })],
    error: { code: "damaged", layer: 2 },
  },
  {
    name: "a bomb: far more bytes than the ratio allows",
    rule: 46,
    layers: [
      {
        blob: gzipSync(layerTar([file("zeros", "\0".repeat(4_000_000))])),
        tar: layerTar([file("zeros", "\0".repeat(4_000_000))]),
      },
    ],
    limits: { expansionRatio: 100, ratioFreeBytes: 100_000 },
    error: { code: "limit", layer: 1 },
  },
];
