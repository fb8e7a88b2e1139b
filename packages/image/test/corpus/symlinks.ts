import type { CorpusCase } from "../corpus-case.ts";
import { dir, file, link, symlink, whiteout } from "../entries.ts";
import { D, F, IMPLIED, S, same } from "../expected.ts";

const merged = [dir("usr"), dir("usr/lib"), file("usr/lib/old", "old"), symlink("lib", "usr/lib")];

export const symlinks: readonly CorpusCase[] = [
  {
    name: "[055] the parent is a symlink in a lower layer only: the layer's directory hides it",
    rule: 25,
    layers: [merged, [file("lib/x", "x")]],
    tree: { usr: D(), "usr/lib": D(), "usr/lib/old": F("old"), lib: IMPLIED(), "lib/x": F("x") },
    warnings: [25],
  },
  {
    name: "[056] the same with an entry for the directory: a plain replacement",
    rule: 25,
    layers: [merged, [dir("lib", { mode: 0o711 }), file("lib/x", "x")]],
    tree: {
      usr: D(),
      "usr/lib": D(),
      "usr/lib/old": F("old"),
      lib: D({ mode: 0o711 }),
      "lib/x": F("x"),
    },
  },
  {
    name: "[057] a whiteout through a symlink of a lower layer: the implied directory hides the symlink",
    rule: 25,
    layers: [merged, [whiteout("lib/old")]],
    tree: { usr: D(), "usr/lib": D(), "usr/lib/old": F("old"), lib: IMPLIED() },
    warnings: [25],
  },
  {
    name: "[058] through a symlink of a lower layer, the link replaced later",
    rule: 25,
    layers: [merged, [file("lib/x", "x")], [symlink("lib", "usr")]],
    tree: { usr: D(), "usr/lib": D(), "usr/lib/old": F("old"), lib: S("usr") },
    warnings: [25],
  },
  {
    name: "[062] the parent is a dangling symlink of a lower layer",
    rule: 25,
    layers: [[symlink("lib", "no/where")], [file("lib/x", "x")]],
    tree: { lib: IMPLIED(), "lib/x": F("x") },
    warnings: [25],
  },
  {
    name: "the layer repeats the symlink: names through it are resolved",
    rule: 26,
    layers: [merged, [symlink("lib", "usr/lib"), file("lib/x", "x")]],
    tree: {
      usr: D(),
      "usr/lib": D(),
      "usr/lib/old": F("old"),
      "usr/lib/x": F("x"),
      lib: S("usr/lib"),
    },
  },
  {
    name: "[059] symlink and entries through it in one layer",
    rule: 26,
    layers: [
      [
        dir("real"),
        symlink("alias", "real"),
        file("alias/x", "x"),
        dir("alias/d"),
        file("real/y", "y"),
        file("alias/d/z", "z"),
      ],
    ],
    tree: {
      real: D(),
      alias: S("real"),
      "real/x": F("x"),
      "real/y": F("y"),
      "real/d": D(),
      "real/d/z": F("z"),
    },
  },
  {
    name: "a dangling symlink of the layer as a parent: the directory it names is made",
    rule: 26,
    layers: [[symlink("alias", "deep/dir"), file("alias/x", "x")]],
    tree: { alias: S("deep/dir"), deep: IMPLIED(), "deep/dir": IMPLIED(), "deep/dir/x": F("x") },
  },
  {
    name: "a symlink of the layer to a directory of a lower layer",
    rule: 26,
    layers: [
      [dir("d", { mode: 0o700 }), file("d/old", "old")],
      [symlink("alias", "d"), file("alias/x", "x")],
    ],
    tree: { d: D({ mode: 0o700 }), "d/old": F("old"), "d/x": F("x"), alias: S("d") },
  },
  {
    name: "symlinks of symlinks, with .. inside",
    rule: 26,
    layers: [
      [
        dir("a"),
        dir("a/b"),
        dir("c"),
        symlink("a/up", "../c"),
        symlink("a/b/two", "../../c/.."),
        symlink("one", "a/b"),
        symlink("three", "one/.."),
        file("a/up/1", "1"),
        file("a/b/two/2", "2"),
        file("three/3", "3"),
      ],
    ],
    tree: {
      a: D(),
      "a/b": D(),
      c: D(),
      "a/up": S("../c"),
      "a/b/two": S("../../c/.."),
      one: S("a/b"),
      three: S("one/.."),
      "c/1": F("1"),
      "2": F("2"),
      "a/3": F("3"),
    },
  },
  {
    name: "names before the symlink are not moved by it",
    rule: 26,
    layers: [[dir("real"), file("alias/x", "x"), symlink("alias", "real"), file("alias/y", "y")]],
    tree: { real: D(), alias: S("real"), "real/y": F("y") },
  },
  {
    name: "[060] a loop of symlinks as a parent",
    rule: 27,
    layers: [[symlink("a", "b"), symlink("b", "a"), file("a/x", "x")]],
    error: { code: "damaged", mentions: ["a/x"], layer: 1 },
  },
  {
    name: "a loop of symlinks that nothing goes through",
    rule: 27,
    layers: [[symlink("a", "b"), symlink("b", "a"), symlink("self", "self")]],
    tree: { a: S("b"), b: S("a"), self: S("self") },
  },
  {
    name: "[061] overwriting a symlink does not touch its target",
    rule: 27,
    layers: [
      [file("t", "target"), symlink("l", "t"), symlink("m", "t")],
      [file("l", "new"), file("m", "1"), file("m", "2")],
    ],
    tree: { t: F("target"), l: F("new"), m: F("2") },
  },
  {
    name: "overwriting a symlink of the same layer does not touch its target",
    rule: 27,
    layers: [
      [
        file("t", "target"),
        symlink("l", "t"),
        file("l", "new"),
        dir("d"),
        symlink("e", "d"),
        dir("e", { mode: 0o700 }),
        file("e/x", "x"),
      ],
    ],
    tree: { t: F("target"), l: F("new"), d: D(), e: D({ mode: 0o700 }), "e/x": F("x") },
  },
  {
    name: "[063] through an absolute symlink of the layer",
    rule: 28,
    layers: [[dir("etc"), symlink("l", "/etc"), file("l/x", "x")]],
    tree: { etc: D(), l: S("/etc"), "etc/x": F("x") },
  },
  {
    name: "[064] through a symlink with too many ..",
    rule: 28,
    layers: [[dir("d"), symlink("d/l", "../../../../etc"), file("d/l/x", "x")]],
    tree: { d: D(), "d/l": S("../../../../etc"), etc: IMPLIED(), "etc/x": F("x") },
  },
  {
    name: "[065] names that begin with ..",
    rule: 28,
    layers: [[file("../x", "x"), file("../../../d/y", "y"), dir("/../d", { mode: 0o700 })]],
    tree: { x: F("x"), d: D({ mode: 0o700 }), "d/y": F("y") },
  },
  {
    name: "[066] a link to ../../etc/x",
    rule: 28,
    layers: [[dir("etc"), file("etc/x", "x"), link("a/b", "../../etc/x")]],
    tree: { etc: D(), "etc/x": F("x"), a: IMPLIED(), "a/b": same("etc/x") },
  },
  {
    name: "the text of symlinks is kept byte for byte",
    rule: 28,
    layers: [
      [
        symlink("a", "../../../etc/./x//y/"),
        symlink("b", "/"),
        symlink("c", "."),
        symlink("e", "\xff\xfe \n"),
      ],
    ],
    tree: { a: S("../../../etc/./x//y/"), b: S("/"), c: S("."), e: S("\xff\xfe \n") },
  },
  {
    name: "[067] an absolute name",
    rule: 29,
    layers: [[dir("/etc"), file("/etc/x", "x")]],
    tree: { etc: D(), "etc/x": F("x") },
  },
  {
    name: "[068] a/../b",
    rule: 29,
    layers: [[file("a/../b", "b"), dir("c/./d/../e/")]],
    tree: { b: F("b"), c: IMPLIED(), "c/e": D() },
  },
  {
    name: "[069] a//b and a/./c",
    rule: 29,
    layers: [
      [dir("a//"), file("a//b", "b"), file("a/./c", "c"), file(".//./a///d", "d")],
      [file("a//.wh.b")],
    ],
    tree: { a: D(), "a/c": F("c"), "a/d": F("d") },
  },
];
