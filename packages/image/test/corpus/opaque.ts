import type { CorpusCase } from "../corpus-case.ts";
import { dir, file, link, opaque, symlink, whiteout } from "../entries.ts";
import { D, F, IMPLIED, S, same } from "../expected.ts";

const base = [
  dir("d", { mode: 0o700 }),
  file("d/old", "old"),
  dir("d/sub"),
  file("d/sub/x", "x"),
  file("z", "z"),
];

export const opaqueDirectories: readonly CorpusCase[] = [
  {
    name: "[018] opaque marker first",
    rule: 10,
    layers: [base, [dir("d"), opaque("d"), file("d/new", "new")]],
    tree: { d: D(), "d/new": F("new"), z: F("z") },
  },
  {
    name: "[019] opaque marker last",
    rule: 10,
    layers: [base, [dir("d"), file("d/new", "new"), opaque("d")]],
    tree: { d: D(), "d/new": F("new"), z: F("z") },
  },
  {
    name: "[020] opaque marker before the directory's own entry",
    rule: 10,
    layers: [base, [opaque("d"), dir("d"), dir("d/sub"), file("d/sub/y", "y")]],
    tree: { d: D(), "d/sub": D(), "d/sub/y": F("y"), z: F("z") },
  },
  {
    name: "[021] opaque marker alone empties the directory",
    rule: 10,
    layers: [base, [dir("d"), opaque("d")]],
    tree: { d: D(), z: F("z") },
  },
  {
    name: "opaque marker keeps the layer's own entry of a lower name",
    rule: 10,
    layers: [base, [dir("d"), file("d/old", "again"), opaque("d"), file("d/more", "m")]],
    tree: { d: D(), "d/old": F("again"), "d/more": F("m"), z: F("z") },
  },
  {
    name: "[022] opaque marker without an entry for its directory keeps lower metadata",
    rule: 11,
    layers: [base, [opaque("d"), file("d/new", "new")]],
    tree: { d: D({ mode: 0o700 }), "d/new": F("new"), z: F("z") },
  },
  {
    name: "opaque marker for a directory that no layer has makes it",
    rule: 11,
    layers: [base.slice(-1), [opaque("p/q")]],
    tree: { z: F("z"), p: IMPLIED(), "p/q": IMPLIED() },
  },
  {
    name: "opaque marker over a file of a lower layer",
    rule: 11,
    layers: [[file("d", "file")], [opaque("d")]],
    tree: { d: IMPLIED() },
  },
  {
    name: "[023] opaque marker in the root",
    rule: 12,
    layers: [
      [dir("./", { mode: 0o711 }), ...base],
      [file("./.wh..wh..opq"), file("only", "only")],
    ],
    tree: { ".": D({ mode: 0o711 }), only: F("only") },
  },
  {
    name: "[024] opaque marker with and entry without ./",
    rule: 13,
    layers: [base, [dir("d/"), file("./d/new", "new"), file("./d/.wh..wh..opq")]],
    tree: { d: D(), "d/new": F("new"), z: F("z") },
  },
  {
    name: "[025] opaque a does not hide ab/",
    rule: 13,
    layers: [
      [
        dir("a"),
        file("a/x", "x"),
        dir("ab"),
        file("ab/y", "y"),
        file("a.b", "."),
        file("a-b", "-"),
      ],
      [dir("a"), opaque("a")],
    ],
    tree: { a: D(), ab: D(), "ab/y": F("y"), "a.b": F("."), "a-b": F("-") },
  },
  {
    name: "[093] prefix styles mixed over layers",
    rule: 13,
    layers: [
      [dir("./a"), file("./a/x", "1"), file("./a/y", "1"), file("/a/w", "1")],
      [file("a/x", "2"), file("/a/.wh.y"), file("./a/.wh.w")],
    ],
    tree: { a: D(), "a/x": F("2") },
  },
  {
    name: "[026] opaque in two layers, additions between",
    rule: 13,
    layers: [
      base,
      [dir("d"), opaque("d"), file("d/1", "1")],
      [file("d/2", "2")],
      [dir("d"), opaque("d"), file("d/3", "3")],
    ],
    tree: { d: D(), "d/3": F("3"), z: F("z") },
  },
  {
    name: "[027] additions above an opaque directory merge with it",
    rule: 13,
    layers: [
      base,
      [dir("d"), opaque("d"), file("d/1", "1")],
      [file("d/2", "2")],
      [dir("d", { mode: 0o711 }), file("d/3", "3")],
    ],
    tree: { d: D({ mode: 0o711 }), "d/1": F("1"), "d/2": F("2"), "d/3": F("3"), z: F("z") },
  },
  {
    name: "the same opaque marker twice in one layer",
    rule: 13,
    layers: [base, [opaque("d"), dir("d"), file("d/new", "new"), file("./d/.wh..wh..opq")]],
    tree: { d: D(), "d/new": F("new"), z: F("z") },
  },
  {
    name: "opaque directory within a whited-out one",
    rule: 10,
    layers: [base, [whiteout("d"), opaque("d/sub"), file("d/sub/n", "n")]],
    tree: { d: IMPLIED(), "d/sub": IMPLIED(), "d/sub/n": F("n"), z: F("z") },
  },
  {
    name: "opaque marker through a symlink of its layer",
    rule: 26,
    layers: [base, [symlink("l", "d"), opaque("l"), file("l/new", "new")]],
    tree: { d: D({ mode: 0o700 }), "d/new": F("new"), z: F("z"), l: S("d") },
  },
  {
    name: "whiteout through a symlink of its layer",
    rule: 26,
    layers: [base, [symlink("l", "d"), whiteout("l/old")]],
    tree: { d: D({ mode: 0o700 }), "d/sub": D(), "d/sub/x": F("x"), z: F("z"), l: S("d") },
  },
  {
    name: "[042] a link outside an opaque directory keeps the file that was inside",
    rule: 19,
    layers: [
      [dir("d"), file("d/f", "data"), link("out", "d/f")],
      [dir("d"), opaque("d")],
    ],
    tree: { d: D(), out: F("data") },
  },
  {
    name: "links into and out of an opaque directory of one layer",
    rule: 19,
    layers: [base, [dir("d"), file("d/f", "data"), link("out", "d/f"), opaque("d")]],
    tree: { d: D(), "d/f": F("data"), out: same("d/f"), z: F("z") },
  },
];
