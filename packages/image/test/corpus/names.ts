import type { CorpusCase } from "../corpus-case.ts";
import { dir, file, link, symlink, whiteout } from "../entries.ts";
import { D, F, IMPLIED, S, same } from "../expected.ts";
import { gnuLong, utf8 } from "../tar-builder.ts";

const long = `${"directory-with-a-long-name/".repeat(6)}file`;
const longDirectories = Object.fromEntries(
  [1, 2, 3, 4, 5, 6].map((depth) => [
    "directory-with-a-long-name/".repeat(depth).slice(0, -1),
    IMPLIED(),
  ]),
);
const name255 = "n".repeat(255);
const deep = Array.from({ length: 300 }, (_, index) => `dir${String(index).padStart(6, "0")}`);
const deepDirectories = Object.fromEntries(
  deep.slice(0, -1).map((_, index) => [deep.slice(0, index + 1).join("/"), IMPLIED()]),
);
const nfc = utf8("caf\u00e9");
const nfd = utf8("cafe\u0301");

export const names: readonly CorpusCase[] = [
  {
    name: "[070] GNU long name and long link",
    rule: 30,
    layers: [
      [
        file(long, "x", { format: "gnu" }),
        symlink("s", long, { format: "gnu" }),
        link("h", long, { format: "gnu" }),
      ],
    ],
    tree: { ...longDirectories, [long]: F("x"), s: S(long), h: same(long) },
  },
  {
    name: "GNU long name without its NUL",
    rule: 30,
    layers: [
      [
        gnuLong("L", long).map((byte, at) => (at === 512 + long.length ? 0 : byte)),
        file("cut", "x"),
      ],
    ],
    tree: { ...longDirectories, [long]: F("x") },
  },
  {
    name: "[071] PAX path and linkpath",
    rule: 30,
    layers: [
      [
        file("short", "x", { pax: { path: long } }),
        symlink("s", "short", { pax: { linkpath: long } }),
        link("h", "short", { pax: { linkpath: long } }),
        symlink("t", "short", { pax: { path: "renamed" } }),
      ],
    ],
    tree: { ...longDirectories, [long]: F("x"), s: S(long), h: same(long), renamed: S("short") },
  },
  {
    name: "[072] ustar prefix",
    rule: 30,
    layers: [
      [file("f", "x", { prefix: "a/b" }), dir("g/", { prefix: "a" })],
      [file(".wh.f", "", { prefix: "a/b" })],
    ],
    tree: { a: IMPLIED(), "a/b": IMPLIED(), "a/g": D() },
  },
  {
    name: "[073] a name of 255 bytes",
    rule: 30,
    layers: [
      [
        file("short", "x", { pax: { path: name255 } }),
        file(`${name255.slice(1)}/y`, "y", { format: "gnu" }),
      ],
    ],
    tree: { [name255]: F("x"), [name255.slice(1)]: IMPLIED(), [`${name255.slice(1)}/y`]: F("y") },
  },
  {
    name: "[116] a path of 3,000 bytes",
    rule: 30,
    layers: [
      [file("short", "x", { pax: { path: deep.join("/") } })],
      [file("short", "y", { pax: { path: `${deep.join("/")}2` } })],
    ],
    tree: { ...deepDirectories, [deep.join("/")]: F("x"), [`${deep.join("/")}2`]: F("y") },
  },
  {
    name: "a path of more than 4,096 bytes",
    rule: 30,
    layers: [[file("short", "x", { pax: { path: `${"0123456789/".repeat(400)}x` } })]],
    error: { code: "limit", layer: 1 },
  },
  {
    name: "[108] more than 1 MiB of PAX records",
    rule: 30,
    layers: [[file("f", "x", { pax: { "SCHILY.xattr.user.big": "v".repeat(2 ** 20 + 1) } })]],
    error: { code: "limit", layer: 1 },
  },
  {
    name: "a GNU long name of more than 1 MiB",
    rule: 30,
    layers: [[gnuLong("L", "n/".repeat(2 ** 19 + 1)), file("f", "x")]],
    error: { code: "limit", layer: 1 },
  },
  {
    name: "[111] NFC and NFD are two names",
    rule: 47,
    layers: [[file(nfc, "c"), file(nfd, "d")], [whiteout(nfd)]],
    tree: { [nfc]: F("c") },
  },
  {
    name: "[112] names that are not UTF-8",
    rule: 47,
    layers: [
      [
        dir("\xff\xfe"),
        file("\xff\xfe/\x80", "1"),
        file("\xe4.txt", "2"),
        file("caf\xe9", "3", { pax: { path: "gr\xfcn" } }),
      ],
      [whiteout("\xe4.txt"), symlink("l", "\xff\xfe"), link("h", "gr\xfcn")],
    ],
    tree: {
      "\xff\xfe": D(),
      "\xff\xfe/\x80": F("1"),
      "gr\xfcn": F("3"),
      l: S("\xff\xfe"),
      h: same("gr\xfcn"),
    },
    warnings: [21],
  },
  {
    name: "[113] names that differ in case only",
    rule: 47,
    layers: [
      [file("Makefile", "M"), file("makefile", "m"), dir("A"), dir("a")],
      [whiteout("makefile"), file("A/x", "x")],
    ],
    tree: { Makefile: F("M"), A: D(), "A/x": F("x"), a: D() },
  },
  {
    name: "[114] newline, tab and backslash in names",
    rule: 47,
    layers: [
      [file("a\nb", "1"), file("a\\b", "2"), file("tab\t", "3"), file(" ", "4")],
      [whiteout("a\nb")],
    ],
    tree: { "a\\b": F("2"), "tab\t": F("3"), " ": F("4") },
  },
  {
    name: "[115] leading dash, quote, star",
    rule: 47,
    layers: [
      [
        file("-rf", "1"),
        file("--", "2"),
        file("*", "3"),
        file("'\"", "4"),
        file("%2e%2e", "5"),
        file("C:\\x", "6"),
      ],
    ],
    tree: {
      "-rf": F("1"),
      "--": F("2"),
      "*": F("3"),
      "'\"": F("4"),
      "%2e%2e": F("5"),
      "C:\\x": F("6"),
    },
  },
  {
    name: "names that sort differently as text and as bytes",
    rule: 47,
    layers: [
      [dir("a"), file("a/x", "1"), file("a.x", "2"), file("a-x", "3"), file("a x", "4")],
      [whiteout("a"), file(utf8("\ufb01"), "5"), file(utf8("\u{1f600}"), "6")],
    ],
    tree: {
      "a.x": F("2"),
      "a-x": F("3"),
      "a x": F("4"),
      [utf8("\ufb01")]: F("5"),
      [utf8("\u{1f600}")]: F("6"),
    },
  },
  {
    name: "names of JavaScript's own objects",
    rule: 47,
    layers: [
      [file("__proto__x", "1"), dir("constructor"), file("constructor/toString", "2")],
      [whiteout("constructor/toString"), file("hasOwnProperty", "3")],
    ],
    tree: { __proto__x: F("1"), constructor: D(), hasOwnProperty: F("3") },
  },
];
