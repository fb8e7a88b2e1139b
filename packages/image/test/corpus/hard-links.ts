import type { CorpusCase } from "../corpus-case.ts";
import { char, dir, fifo, file, link, opaque, symlink, whiteout } from "../entries.ts";
import { CHAR, D, F, FIFO, IMPLIED, S, same } from "../expected.ts";

export const hardLinks: readonly CorpusCase[] = [
  {
    name: "[028] a hard link",
    rule: 18,
    layers: [[file("a", "1"), link("b", "a")]],
    tree: { a: F("1"), b: same("a") },
  },
  {
    name: "[044] link names with ./ and /",
    rule: 18,
    layers: [
      [
        dir("d"),
        file("./d/a", "1"),
        link("d/b", "./d/a"),
        link("/d/c", "/d/a"),
        link("./e", "d//a"),
        link("f", "d/../d/a"),
      ],
    ],
    tree: {
      d: D(),
      "d/a": F("1"),
      "d/b": same("d/a"),
      "d/c": same("d/a"),
      e: same("d/a"),
      f: same("d/a"),
    },
  },
  {
    name: "[045] a link in another directory than its file, many names",
    rule: 18,
    layers: [
      [
        dir("z"),
        file("z/f", "1"),
        dir("a"),
        link("a/g", "z/f"),
        link("a/h", "a/g"),
        link("b/i", "z/f"),
      ],
    ],
    tree: {
      z: D(),
      "z/f": F("1"),
      a: D(),
      "a/g": same("z/f"),
      "a/h": same("z/f"),
      b: IMPLIED(),
      "b/i": same("z/f"),
    },
  },
  {
    name: "link name through a symlink of the layer",
    rule: 18,
    layers: [[dir("d"), file("d/a", "1"), symlink("s", "d"), link("b", "s/a"), link("s/c", "d/a")]],
    tree: { d: D(), "d/a": F("1"), s: S("d"), b: same("d/a"), "d/c": same("d/a") },
  },
  {
    name: "a link to a file of its own name changes nothing",
    rule: 18,
    layers: [[file("a", "1"), link("a", "a"), link("./a", "/a")]],
    tree: { a: F("1") },
    warnings: [22],
  },
  {
    name: "[029] the target is overwritten in an upper layer",
    rule: 19,
    layers: [[file("a", "old"), link("b", "a"), link("c", "a")], [file("a", "new")]],
    tree: { a: F("new"), b: F("old"), c: same("b") },
  },
  {
    name: "[030] the target is deleted",
    rule: 19,
    layers: [[file("a", "old"), link("b", "a")], [whiteout("a")]],
    tree: { b: F("old") },
  },
  {
    name: "[034] the target is deleted and made again",
    rule: 19,
    layers: [[file("a", "old"), link("b", "a")], [whiteout("a")], [file("a", "new")]],
    tree: { a: F("new"), b: F("old") },
  },
  {
    name: "[043] the target's directory is replaced",
    rule: 19,
    layers: [
      [dir("d"), file("d/a", "old"), link("b", "d/a"), link("d/c", "d/a")],
      [file("d", "file")],
    ],
    tree: { d: F("file"), b: F("old") },
  },
  {
    name: "[033] two of four names are deleted, the first among them",
    rule: 19,
    layers: [
      [file("a", "old"), link("b", "a"), link("c", "b"), link("d", "a")],
      [whiteout("a"), whiteout("b")],
    ],
    tree: { c: F("old"), d: same("c") },
  },
  {
    name: "[031] a name other than the target is deleted",
    rule: 19,
    layers: [[file("a", "old"), link("b", "a"), link("c", "a")], [whiteout("b")]],
    tree: { a: F("old"), c: same("a") },
  },
  {
    name: "[032] all names are deleted",
    rule: 19,
    layers: [[file("a", "old"), link("b", "a"), file("k", "k")], [whiteout("a")], [whiteout("b")]],
    tree: { k: F("k") },
  },
  {
    name: "[039] a chain of links whose middle is deleted",
    rule: 19,
    layers: [
      [file("a", "1"), link("b", "a"), link("c", "b"), link("d", "c")],
      [whiteout("b"), file("a", "2")],
    ],
    tree: { a: F("2"), c: F("1"), d: same("c") },
  },
  {
    name: "[037] some names are copied up",
    rule: 19,
    layers: [
      [file("a", "1"), link("b", "a"), link("c", "a"), link("d", "a")],
      [file("b", "2"), link("d", "b")],
    ],
    tree: { a: F("1"), c: same("a"), b: F("2"), d: same("b") },
  },
  {
    name: "[047] the remaining name keeps owner, mode and xattrs",
    rule: 19,
    layers: [
      [
        file("a", "1", {
          mode: 0o4750,
          uid: 3,
          gid: 4,
          mtime: 99,
          pax: { "SCHILY.xattr.user.k": "v" },
        }),
        link("b", "a", { mode: 0o4750, uid: 3, gid: 4, mtime: 99 }),
      ],
      [whiteout("a")],
    ],
    tree: { b: F("1", { mode: 0o4750, uid: 3, gid: 4, mtime: 99, xattrs: { "user.k": "v" } }) },
  },
  {
    name: "names swapped over two layers",
    rule: 19,
    layers: [
      [file("a", "1"), link("b", "a"), file("c", "2"), link("d", "c")],
      [file("c", "3"), link("a", "c")],
    ],
    tree: { b: F("1"), d: F("2"), c: F("3"), a: same("c") },
  },
  {
    name: "a directory of links moved behind an opaque marker, links from outside",
    rule: 19,
    layers: [
      [dir("d"), file("d/1", "x"), link("d/2", "d/1"), link("e", "d/2")],
      [dir("d"), opaque("d"), file("d/1", "y"), link("d/3", "d/1")],
    ],
    tree: { d: D(), "d/1": F("y"), "d/3": same("d/1"), e: F("x") },
  },
  {
    name: "[040] a link to a symlink, whose first name is deleted",
    rule: 20,
    layers: [
      [
        symlink("s", "some/where"),
        link("t", "s", { mode: 0o777 }),
        link("u", "s", { mode: 0o777 }),
      ],
      [whiteout("s")],
    ],
    tree: { t: S("some/where"), u: same("t") },
  },
  {
    name: "[046] links to a FIFO and a device, whose first names are deleted",
    rule: 20,
    layers: [
      [fifo("p"), link("q", "p"), char("c", 1, 3), link("e", "c"), link("f", "c")],
      [whiteout("p"), file("c", "new")],
    ],
    tree: { q: FIFO(), c: F("new"), e: CHAR(1, 3), f: same("e") },
  },
  {
    name: "an empty file with two names, the first deleted",
    rule: 19,
    layers: [[file("a"), link("b", "a"), link("c", "a")], [whiteout("a")]],
    tree: { b: F(), c: same("b") },
  },
  {
    name: "[035] a link to a file of a lower layer",
    rule: 21,
    layers: [[file("a", "1")], [link("b", "a")]],
    tree: { a: F("1"), b: same("a") },
    warnings: [21],
  },
  {
    name: "[036] a link to a file of a lower layer that a later layer deletes",
    rule: 21,
    layers: [[dir("d"), file("d/a", "1")], [link("b", "d/a")], [whiteout("d")]],
    tree: { b: F("1") },
    warnings: [21],
  },
  {
    name: "a link to a file of a lower layer, which its own layer deletes",
    rule: 21,
    layers: [[file("a", "1")], [link("b", "a"), whiteout("a")]],
    tree: { b: F("1") },
    warnings: [21],
  },
  {
    name: "a link to a file that lower layers have deleted",
    rule: 21,
    layers: [[file("a", "1")], [whiteout("a")], [link("b", "a")]],
    error: { code: "damaged", mentions: ["a", "b"], layer: 3 },
  },
  {
    name: "links over three layers to one file",
    rule: 21,
    layers: [[file("a", "1")], [link("b", "a")], [link("c", "b"), file("a", "2")]],
    tree: { a: F("2"), b: F("1"), c: same("b") },
    warnings: [21],
  },
  {
    name: "[038] a link before its target",
    rule: 22,
    layers: [[link("b", "a"), file("a", "1")]],
    tree: { a: F("1"), b: same("a") },
    warnings: [22],
  },
  {
    name: "a link before its target, while a lower layer has a file of that name",
    rule: 22,
    layers: [[file("a", "lower")], [link("b", "a"), file("a", "upper")]],
    tree: { a: F("upper"), b: F("lower") },
    warnings: [21],
  },
  {
    name: "a chain of links before their target",
    rule: 22,
    layers: [[link("c", "b"), link("b", "a"), file("a", "1")]],
    tree: { a: F("1"), b: same("a"), c: same("a") },
    warnings: [22],
  },
  {
    name: "a link without a target anywhere",
    rule: 22,
    layers: [[file("x", "x")], [link("b", "no/where")]],
    error: { code: "damaged", mentions: ["b", "no/where"], layer: 2 },
  },
  {
    name: "a cycle of links",
    rule: 22,
    layers: [[link("b", "a"), link("a", "b")]],
    error: { code: "damaged", mentions: ["a", "b"], layer: 1 },
  },
  {
    name: "a link to its own name, which nothing else has",
    rule: 22,
    layers: [[link("a", "a")]],
    error: { code: "damaged", mentions: ["a"], layer: 1 },
  },
  {
    name: "a link to a directory",
    rule: 22,
    layers: [[dir("somedir"), link("b", "somedir")]],
    error: { code: "damaged", mentions: ["b"], layer: 1 },
  },
  {
    name: "[048] a link entry with its own mode, owner and time",
    rule: 23,
    layers: [
      [
        file("a", "1", { mode: 0o644, uid: 1, gid: 1, mtime: 10 }),
        link("b", "a", { mode: 0o600, uid: 2, gid: 3, mtime: 20 }),
      ],
    ],
    tree: { a: F("1", { mode: 0o600, uid: 2, gid: 3, mtime: 20 }), b: same("a") },
  },
  {
    name: "the last of three link headers holds, also when its name is deleted",
    rule: 23,
    layers: [
      [
        file("a", "1", { mode: 0o644 }),
        link("b", "a", { mode: 0o600 }),
        link("c", "a", { mode: 0o640, uid: 8 }),
      ],
      [whiteout("c")],
    ],
    tree: { a: F("1", { mode: 0o640, uid: 8 }), b: same("a") },
  },
  {
    name: "xattrs of the file stay when the link entry has none, and the link's are added",
    rule: 23,
    layers: [
      [
        file("a", "1", { pax: { "SCHILY.xattr.user.a": "1", "SCHILY.xattr.user.b": "1" } }),
        link("b", "a"),
        file("c", "2", { pax: { "SCHILY.xattr.user.a": "1", "SCHILY.xattr.user.b": "1" } }),
        link("d", "c", { pax: { "SCHILY.xattr.user.b": "2", "SCHILY.xattr.user.c": "3" } }),
      ],
    ],
    tree: {
      a: F("1", { xattrs: { "user.a": "1", "user.b": "1" } }),
      b: same("a"),
      c: F("2", { xattrs: { "user.a": "1", "user.b": "2", "user.c": "3" } }),
      d: same("c"),
    },
  },
  {
    name: "[041] the target is written again later in its layer: the link keeps the first",
    rule: 24,
    layers: [[file("a", "1"), link("b", "a"), file("a", "2")]],
    tree: { a: F("2"), b: F("1") },
  },
  {
    name: "the target is written again, then linked again",
    rule: 24,
    layers: [[file("a", "1"), link("b", "a"), file("a", "2"), link("c", "a"), link("d", "b")]],
    tree: { a: F("2"), c: same("a"), b: F("1"), d: same("b") },
  },
  {
    name: "a link is overwritten by a file in its layer",
    rule: 24,
    layers: [[file("a", "1"), link("b", "a"), file("b", "2")]],
    tree: { a: F("1"), b: F("2") },
  },
];
