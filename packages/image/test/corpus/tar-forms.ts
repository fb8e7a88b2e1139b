import type { CorpusCase, StoredLayer } from "../corpus-case.ts";
import { dir, file, link, whiteout } from "../entries.ts";
import { D, F } from "../expected.ts";
import { layerTar, padded, tarParts } from "../tar-builder.ts";

const below = [file("a", "a")];
const plain = (...tar: Uint8Array[]): StoredLayer => ({
  blob: Buffer.concat(tar),
  tar: Buffer.concat(tar),
});
const entry = tarParts([file("f", "data")]);

export const tarForms: readonly CorpusCase[] = [
  { name: "[117] a layer without entries", rule: 41, layers: [below, []], tree: { a: F("a") } },
  { name: "an image whose only layer is empty", rule: 41, layers: [[]], tree: {} },
  { name: "[118] a layer of zero bytes", rule: 41, layers: [below, plain()], tree: { a: F("a") } },
  {
    name: "[119] no end blocks",
    rule: 41,
    layers: [plain(entry), below],
    tree: { a: F("a"), f: F("data") },
  },
  {
    name: "[120] one end block",
    rule: 41,
    layers: [plain(entry, Buffer.alloc(512)), below],
    tree: { a: F("a"), f: F("data") },
  },
  {
    name: "[121] data after the end blocks",
    rule: 41,
    layers: [
      plain(layerTar([file("f", "data")]), tarParts([file("ghost", "g")]), Buffer.from("junk")),
      below,
    ],
    tree: { a: F("a"), f: F("data") },
  },
  {
    name: "many zero blocks at the end, as GNU tar's records",
    rule: 41,
    layers: [plain(entry, Buffer.alloc(10_240 - entry.length)), below],
    tree: { a: F("a"), f: F("data") },
  },
  {
    name: "[094] the last file without padding",
    rule: 41,
    layers: [plain(entry.subarray(0, 516)), below],
    tree: { a: F("a"), f: F("data") },
  },
  {
    name: "[128] a tar cut short in a file's data",
    rule: 44,
    layers: [below, plain(tarParts([file("big", "x".repeat(2000))]).subarray(0, 1600))],
    error: { code: "damaged", mentions: ["big"], layer: 2 },
  },
  {
    name: "a tar cut short in a header",
    rule: 44,
    layers: [below, plain(entry, entry.subarray(0, 100))],
    error: { code: "damaged", mentions: ["1024"], layer: 2 },
  },
  {
    name: "a tar cut short after a PAX header",
    rule: 44,
    layers: [below, plain(tarParts([file("f", "", { pax: { path: "g" } })]).subarray(0, 1024))],
    error: { code: "damaged", layer: 2 },
  },
  {
    name: "a PAX header before the end blocks",
    rule: 44,
    layers: [
      below,
      plain(
        tarParts([file("f", "", { pax: { path: "g" } })]).subarray(0, 1024),
        Buffer.alloc(1024),
      ),
    ],
    error: { code: "damaged", layer: 2 },
  },
  {
    name: "a wrong header checksum",
    rule: 44,
    layers: [[file("a", "a"), file("b", "b", { checksumError: 1 })]],
    error: { code: "damaged", mentions: ["1024"], layer: 1 },
  },
  {
    name: "text that is no tar",
    rule: 44,
    layers: [plain(padded(Buffer.from("<html>404 not found</html>".repeat(30))))],
    error: { code: "damaged", layer: 1 },
  },
  {
    name: "a size that is no number",
    rule: 44,
    layers: [[file("a", "a", { patch: (header) => header.write("zzz", 124, "latin1") })]],
    error: { code: "damaged", layer: 1 },
  },
  {
    name: "a negative size",
    rule: 44,
    layers: [[file("a", "", { format: "gnu", size: -512 }), file("b", "b")]],
    error: { code: "damaged", layer: 1 },
  },
  {
    name: "a size of 2^62 bytes",
    rule: 46,
    layers: [[file("a", "", { format: "gnu", size: 2 ** 62 }), file("b", "b")]],
    error: { code: "damaged", layer: 1 },
  },
  {
    name: "a PAX record whose length is wrong",
    rule: 44,
    layers: [
      [
        Buffer.from(tarParts([file("f", "", { pax: { path: "g" } })])).fill("8", 512, 513),
        file("b", "b"),
      ],
    ],
    error: { code: "damaged", layer: 1 },
  },
  {
    name: "more entries than the limit",
    rule: 46,
    layers: [Array.from({ length: 21 }, (_, index) => file(`f${index}`))],
    limits: { layerEntries: 20 },
    error: { code: "limit", layer: 1 },
  },
  {
    name: "deeper than the limit",
    rule: 46,
    layers: [[file("a/b/c/d/e/f/g/h", "x")]],
    limits: { pathDepth: 5 },
    error: { code: "limit", layer: 1 },
  },
  {
    name: "more bytes than the limit",
    rule: 46,
    layers: [[file("a", "x".repeat(5000))]],
    limits: { layerBytes: 4096 },
    error: { code: "limit", layer: 1 },
  },
  {
    name: "[133] the same layer twice, with other layers between",
    rule: 49,
    layers: [
      [dir("d"), file("d/x", "1"), whiteout("e")],
      [file("d/x", "2"), file("e", "e")],
      [dir("d"), file("d/x", "1"), whiteout("e")],
    ],
    tree: { d: D(), "d/x": F("1") },
  },
  {
    name: "[136] 127 layers",
    rule: 48,
    layers: Array.from({ length: 127 }, (_, index) => [
      file("last", String(index)),
      file(`f${index}`, ""),
      ...(index > 2 ? [whiteout(`f${index - 3}`)] : []),
    ]),
    tree: { last: F("126"), f124: F(), f125: F(), f126: F() },
  },
  {
    name: "[134] a foreign layer whose data is there",
    rule: 50,
    layers: [
      {
        blob: layerTar(below),
        tar: layerTar(below),
        mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar",
      },
      [file("b", "b")],
    ],
    tree: { a: F("a"), b: F("b") },
  },
  {
    name: "[137] AUFS leftovers in the root",
    rule: 51,
    layers: [
      [
        file(".wh..wh.aufs"),
        dir(".wh..wh.orph"),
        dir(".wh..wh.plnk"),
        file(".wh..wh.orph/x", "x"),
        file("a", "a"),
      ],
      [file("./.wh..wh.aufs"), dir("./.wh..wh.plnk/"), file("b", "b")],
    ],
    tree: { a: F("a"), b: F("b") },
  },
  {
    name: "[138] links into .wh..wh.plnk get the data",
    rule: 51,
    layers: [
      [
        dir(".wh..wh.plnk"),
        file(".wh..wh.plnk/12.34", "data", { mode: 0o600 }),
        link("a", ".wh..wh.plnk/12.34", { mode: 0o600 }),
        dir("d"),
        link("d/b", "./.wh..wh.plnk/12.34", { mode: 0o600 }),
      ],
    ],
    tree: { a: F("data", { mode: 0o600 }), d: D(), "d/b": { sameAs: "a" } },
  },
];
