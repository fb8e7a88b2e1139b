import type { CorpusCase } from "../corpus-case.ts";
import { dir, file, link, opaque, symlink, whiteout } from "../entries.ts";
import { D, F, IMPLIED, S } from "../expected.ts";

export const whiteouts: readonly CorpusCase[] = [
  {
    name: "[001] whiteout of a file",
    rule: 1,
    layers: [[dir("a"), file("a/x", "x"), file("a/y", "y")], [whiteout("a/x")]],
    tree: { a: D(), "a/y": F("y") },
  },
  {
    name: "[002] whiteout of a directory hides all below it",
    rule: 1,
    layers: [[dir("a"), dir("a/b"), file("a/b/c", "c"), file("z", "z")], [whiteout("a")]],
    tree: { z: F("z") },
  },
  {
    name: "[013] content, mode and time of a marker are ignored",
    rule: 1,
    layers: [
      [dir("a"), file("a/x", "x")],
      [whiteout("a/x", { data: "text in the marker", mode: 0o7777, mtime: 5 }), file("b", "b")],
    ],
    tree: { a: D(), b: F("b") },
  },
  {
    name: "whiteout of a symlink leaves its target",
    rule: 1,
    layers: [
      [file("f", "f"), symlink("l", "f"), dir("d"), symlink("m", "d"), file("d/x", "x")],
      [whiteout("l"), whiteout("m")],
    ],
    tree: { f: F("f"), d: D(), "d/x": F("x") },
  },
  {
    name: "[003] whiteout first, then the same name in one layer",
    rule: 2,
    layers: [[file("x", "old")], [whiteout("x"), file("x", "new")]],
    tree: { x: F("new") },
  },
  {
    name: "[004] the same name first, then its whiteout",
    rule: 2,
    layers: [[file("x", "old")], [file("x", "new"), whiteout("x")]],
    tree: { x: F("new") },
  },
  {
    name: "[005] whiteout of a directory, then that directory again: it is opaque",
    rule: 3,
    layers: [
      [dir("d"), file("d/old", "old")],
      [whiteout("d"), dir("d", { mode: 0o700 }), file("d/new", "new")],
    ],
    tree: { d: D({ mode: 0o700 }), "d/new": F("new") },
  },
  {
    name: "[006] the directory again, then the whiteout",
    rule: 3,
    layers: [
      [dir("d"), file("d/old", "old")],
      [dir("d", { mode: 0o700 }), file("d/new", "new"), whiteout("d")],
    ],
    tree: { d: D({ mode: 0o700 }), "d/new": F("new") },
  },
  {
    name: "whiteout of a directory and an entry below it without the directory's own: metadata of the old one is gone",
    rule: 3,
    layers: [
      [dir("d", { mode: 0o700, uid: 7 }), file("d/old", "old")],
      [whiteout("d"), file("d/new", "new")],
    ],
    tree: { d: D({ mtime: 0 }), "d/new": F("new") },
  },
  {
    name: "[007] whiteout of something absent",
    rule: 4,
    layers: [[file("a", "a")], [whiteout("b")]],
    tree: { a: F("a") },
  },
  {
    name: "[008] whiteout in an absent parent does not make the parent",
    rule: 4,
    layers: [[file("a", "a")], [whiteout("no/where/x")]],
    tree: { a: F("a") },
  },
  {
    name: "whiteout below a file of a lower layer: the implied directory replaces the file",
    rule: 14,
    layers: [[file("a", "a")], [whiteout("a/x")]],
    tree: { a: IMPLIED() },
  },
  {
    name: "whiteout below a whited-out file makes nothing",
    rule: 5,
    layers: [
      [file("a", "a"), file("b", "b")],
      [whiteout("a"), whiteout("a/x")],
    ],
    tree: { b: F("b") },
  },
  {
    name: "whiteout and opaque marker below a file of the same layer leave it, whatever the order",
    rule: 2,
    layers: [
      [dir("a"), file("a/x", "x"), dir("b"), dir("c"), dir("e")],
      [
        file("a", "1"),
        whiteout("a/x"),
        whiteout("b/x"),
        file("b", "2"),
        file("c", "3"),
        opaque("c"),
        opaque("e"),
        file("e", "4"),
      ],
    ],
    tree: { a: F("1"), b: F("2"), c: F("3"), e: F("4") },
  },
  {
    name: "[009] whiteout inside a whited-out directory, either order",
    rule: 5,
    layers: [
      [dir("d"), file("d/x", "x"), dir("e"), file("e/x", "x"), file("f", "f")],
      [whiteout("d"), whiteout("d/x"), whiteout("e/x"), whiteout("e")],
    ],
    tree: { f: F("f") },
  },
  {
    name: "[010] a marker without a name",
    rule: 6,
    layers: [[file("a", "a")], [dir("d"), file("d/.wh.")]],
    error: { code: "damaged", mentions: ["d/.wh."], layer: 2 },
  },
  {
    name: "a marker that names the directory itself",
    rule: 6,
    layers: [[file("a", "a")], [dir("d"), file("d/.wh..")]],
    error: { code: "damaged", mentions: ["d/.wh.."], layer: 2 },
  },
  {
    name: "a marker that names the directory above",
    rule: 6,
    layers: [[file("a", "a")], [dir("d"), file("d/.wh...")]],
    error: { code: "damaged", mentions: ["d/.wh..."], layer: 2 },
  },
  {
    name: "a marker with four dots is an ordinary whiteout",
    rule: 6,
    layers: [[file("...", "a"), file("b", "b")], [file(".wh....")]],
    tree: { b: F("b") },
  },
  {
    name: "[011] .wh. inside a file name",
    rule: 7,
    layers: [
      [file("foo.wh.bar", "1"), file("bar", "b")],
      [file("x.wh.bar", "2"), file(".whx", "3"), file(".wh", "4")],
    ],
    tree: { "foo.wh.bar": F("1"), bar: F("b"), "x.wh.bar": F("2"), ".whx": F("3"), ".wh": F("4") },
  },
  {
    name: "[012] .wh. inside the name of a directory",
    rule: 7,
    layers: [[dir("p.wh.q"), file("p.wh.q/f", "f"), file("q", "q")], [file("p.wh.q/g", "g")]],
    tree: { "p.wh.q": D(), "p.wh.q/f": F("f"), "p.wh.q/g": F("g"), q: F("q") },
  },
  {
    name: "[014] whiteout as a directory entry",
    rule: 8,
    layers: [[file("x", "x"), file("y", "y")], [dir(".wh.x/")]],
    tree: { y: F("y") },
  },
  {
    name: "[015] whiteout as a hard link to another whiteout, as AUFS wrote it",
    rule: 8,
    layers: [
      [file("x", "x"), file("y", "y"), file("z", "z")],
      [whiteout("x"), link(".wh.y", ".wh.x")],
    ],
    tree: { z: F("z") },
  },
  {
    name: "whiteout as symlink and as device",
    rule: 8,
    layers: [
      [file("x", "x"), file("y", "y"), file("z", "z")],
      [symlink(".wh.x", "/etc"), { name: ".wh.y", type: "3", devmajor: 0, devminor: 0 }],
    ],
    tree: { z: F("z") },
  },
  {
    name: "whiteout as a directory with entries below it",
    rule: 8,
    layers: [
      [file("x", "x"), file("y", "y")],
      [dir(".wh.x"), file(".wh.x/f", "f"), dir(".wh.x/g")],
    ],
    tree: { y: F("y") },
    warnings: [8],
  },
  {
    name: "[016] delete, add, delete over layers",
    rule: 9,
    layers: [
      [file("x", "1"), file("k", "k")],
      [whiteout("x")],
      [file("x", "2")],
      [whiteout("x")],
      [file("y", "3")],
    ],
    tree: { k: F("k"), y: F("3") },
  },
  {
    name: "delete, then add again: nothing of the old is back",
    rule: 9,
    layers: [[dir("d", { uid: 5 }), file("d/x", "1")], [whiteout("d")], [file("d/y", "2")]],
    tree: { d: D({ mtime: 0 }), "d/y": F("2") },
  },
  {
    name: "[017] whiteout in the first layer",
    rule: 9,
    layers: [[whiteout("x"), whiteout("d/y"), file("a", "a")]],
    tree: { a: F("a") },
  },
  {
    name: "whiteout in the first layer beside an entry of its name",
    rule: 9,
    layers: [[file("x", "x"), whiteout("x"), symlink("l", "x")]],
    tree: { x: F("x"), l: S("x") },
  },
];
