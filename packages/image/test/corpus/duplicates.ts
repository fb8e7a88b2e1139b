import type { CorpusCase } from "../corpus-case.ts";
import { dir, file, symlink } from "../entries.ts";
import { D, F, S } from "../expected.ts";

export const duplicates: readonly CorpusCase[] = [
  {
    name: "[089] the same file twice",
    rule: 24,
    layers: [[file("f", "1"), file("g", "g"), file("f", "2")]],
    tree: { f: F("2"), g: F("g") },
  },
  {
    name: "[090] f and ./f",
    rule: 24,
    layers: [[file("f", "1"), file("./f", "2"), file("/f", "3")]],
    tree: { f: F("3") },
  },
  {
    name: "[091] the same directory twice merges, the last metadata holds",
    rule: 24,
    layers: [
      [
        dir("d", { mode: 0o700, pax: { "SCHILY.xattr.user.a": "1" } }),
        file("d/x", "x"),
        dir("d/", { mode: 0o711 }),
        file("d/y", "y"),
      ],
    ],
    tree: { d: D({ mode: 0o711 }), "d/x": F("x"), "d/y": F("y") },
  },
  {
    name: "[092] one name as several types in one layer",
    rule: 24,
    layers: [
      [
        dir("a"),
        file("a/x", "x"),
        file("a", "file"),
        symlink("b", "a"),
        file("b", "file"),
        file("c", "file"),
        dir("c"),
        file("c/x", "x"),
        file("e", "file"),
        file("e/x", "x"),
      ],
    ],
    tree: { a: F("file"), b: F("file"), c: D(), "c/x": F("x"), e: D({ mtime: 0 }), "e/x": F("x") },
    warnings: [24],
  },
  {
    name: "duplicates over a lower layer",
    rule: 24,
    layers: [
      [file("f", "0")],
      [file("f", "1"), file("f", "2", { mode: 0o600 })],
      [symlink("l", "f"), symlink("l", "g")],
    ],
    tree: { f: F("2", { mode: 0o600 }), l: S("g") },
  },
];
