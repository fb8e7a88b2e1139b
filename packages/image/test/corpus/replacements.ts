import type { CorpusCase } from "../corpus-case.ts";
import { char, dir, fifo, file, symlink } from "../entries.ts";
import { CHAR, D, F, FIFO, IMPLIED, S } from "../expected.ts";

const base = [dir("d"), file("d/x", "x"), dir("d/e"), file("d/e/y", "y")];

export const replacements: readonly CorpusCase[] = [
  {
    name: "[049] a file replaces a directory",
    rule: 14,
    layers: [base, [file("d", "file")]],
    tree: { d: F("file") },
  },
  {
    name: "[050] a symlink replaces a directory",
    rule: 14,
    layers: [[...base, dir("t")], [symlink("d", "t")]],
    tree: { d: S("t"), t: D() },
  },
  {
    name: "FIFO and device replace directories",
    rule: 14,
    layers: [
      [...base, dir("g"), file("g/x", "x")],
      [fifo("d"), char("g", 1, 3)],
    ],
    tree: { d: FIFO(), g: CHAR(1, 3) },
  },
  {
    name: "[051] a directory replaces a file",
    rule: 14,
    layers: [[file("d", "file")], base],
    tree: { d: D(), "d/x": F("x"), "d/e": D(), "d/e/y": F("y") },
  },
  {
    name: "[052] an implied directory replaces a file",
    rule: 14,
    layers: [[file("d", "file", { mode: 0o600, uid: 9 })], [file("d/new", "new")]],
    tree: { d: IMPLIED(), "d/new": F("new") },
  },
  {
    name: "[053] directory, then file, then directory: the first one's children stay gone",
    rule: 14,
    layers: [base, [file("d", "file")], [dir("d", { mode: 0o711 }), file("d/new", "new")]],
    tree: { d: D({ mode: 0o711 }), "d/new": F("new") },
  },
  {
    name: "directory, then file, then implied directory",
    rule: 14,
    layers: [
      [dir("d", { uid: 3 }), file("d/x", "x")],
      [file("d", "file", { uid: 4 })],
      [file("d/new", "new")],
    ],
    tree: { d: IMPLIED(), "d/new": F("new") },
  },
  {
    name: "[054] a directory replaces a symlink, whose target stays",
    rule: 14,
    layers: [
      [dir("t"), file("t/x", "x"), symlink("d", "t")],
      [dir("d"), file("d/new", "new")],
    ],
    tree: { t: D(), "t/x": F("x"), d: D(), "d/new": F("new") },
  },
  {
    name: "a file replaces a file, also of other type",
    rule: 14,
    layers: [
      [file("a", "1"), symlink("b", "a"), fifo("c"), char("e", 1, 3)],
      [symlink("a", "b"), file("b", "2"), char("c", 1, 5), fifo("e")],
    ],
    tree: { a: S("b"), b: F("2"), c: CHAR(1, 5), e: FIFO() },
  },
  {
    name: "[076] metadata and xattrs of the upper directory and file replace the lower ones",
    rule: 15,
    layers: [
      [
        dir("d", {
          mode: 0o700,
          uid: 1,
          pax: { "SCHILY.xattr.user.a": "1", "SCHILY.xattr.user.b": "2" },
        }),
        file("d/x", "x", { pax: { "SCHILY.xattr.user.a": "1" } }),
        file("d/y", "y", { pax: { "SCHILY.xattr.user.a": "1" } }),
      ],
      [dir("d", { mode: 0o750, gid: 2, pax: { "SCHILY.xattr.user.b": "3" } }), file("d/x", "x2")],
    ],
    tree: {
      d: D({ mode: 0o750, gid: 2, xattrs: { "user.b": "3" } }),
      "d/x": F("x2"),
      "d/y": F("y", { xattrs: { "user.a": "1" } }),
    },
  },
  {
    name: "[098] a layer of directory metadata only",
    rule: 15,
    layers: [base, [dir("d", { mode: 0o1777, mtime: 5 }), dir("d/e/", { uid: 4, gid: 5 })]],
    tree: {
      d: D({ mode: 0o1777, mtime: 5 }),
      "d/x": F("x"),
      "d/e": D({ uid: 4, gid: 5 }),
      "d/e/y": F("y"),
    },
  },
  {
    name: "[097] a directory's entry after its children",
    rule: 15,
    layers: [
      [
        file("d/x", "x"),
        file("d/e/y", "y"),
        dir("d/e", { mode: 0o711 }),
        dir("d", { mode: 0o700 }),
      ],
    ],
    tree: { d: D({ mode: 0o700 }), "d/x": F("x"), "d/e": D({ mode: 0o711 }), "d/e/y": F("y") },
  },
  {
    name: "[096] missing parents that no layer has",
    rule: 16,
    layers: [[file("p/q/r", "r")]],
    tree: { p: IMPLIED(), "p/q": IMPLIED(), "p/q/r": F("r") },
  },
  {
    name: "[100] a missing parent keeps the metadata of the lower directory",
    rule: 16,
    layers: [
      [dir("p", { mode: 0o2750, uid: 3, gid: 4, mtime: 77, pax: { "SCHILY.xattr.user.a": "1" } })],
      [file("p/f", "f")],
    ],
    tree: {
      p: D({ mode: 0o2750, uid: 3, gid: 4, mtime: 77, xattrs: { "user.a": "1" } }),
      "p/f": F("f"),
    },
  },
  {
    name: "a parent that is described only in an upper layer",
    rule: 16,
    layers: [[file("p/f", "f")], [dir("p", { mode: 0o700 })]],
    tree: { p: D({ mode: 0o700 }), "p/f": F("f") },
  },
  {
    name: "[099] an entry for the root",
    rule: 17,
    layers: [
      [dir("./", { mode: 0o700, uid: 1, pax: { "SCHILY.xattr.user.a": "1" } }), file("a", "a")],
      [file("b", "b"), dir(".", { mode: 0o711, gid: 2 })],
    ],
    tree: { ".": D({ mode: 0o711, gid: 2 }), a: F("a"), b: F("b") },
  },
  {
    name: "the root as / and by other names that are cleaned to it",
    rule: 17,
    layers: [[dir("/", { mode: 0o700 }), file("a", "a")], [dir("x/..", { mode: 0o500 })]],
    tree: { ".": D({ mode: 0o500 }), a: F("a") },
  },
  {
    name: "a root that is no directory is dropped",
    rule: 17,
    layers: [
      [dir("./", { mode: 0o700 }), file("a", "a")],
      [symlink("./", "/a"), file("/", "data"), file("b", "b")],
    ],
    tree: { ".": D({ mode: 0o700 }), a: F("a"), b: F("b") },
    warnings: [17],
  },
];
