import type { CorpusCase } from "../corpus-case.ts";
import { block, char, dir, fifo, file, global, link, symlink } from "../entries.ts";
import { BLOCK, CHAR, D, F, FIFO, S, same } from "../expected.ts";
import { base256, oldSparse, padded, paxHeader, utf8 } from "../tar-builder.ts";

/** The xattr value of `setcap cap_net_raw+ep`. */
const capability =
  "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";
const acl =
  "\x02\x00\x00\x00\x01\x00\x06\x00\xff\xff\xff\xff\x04\x00\x04\x00\xff\xff\xff\xff\x20\x00\x04\x00\xff\xff\xff\xff";
const xattr = (name: string, value: string) => ({ [`SCHILY.xattr.${name}`]: value });

/** Data of a PAX sparse 1.0 file: the map, padded to a block, then the pieces. */
const sparse10 = Buffer.concat([padded(Buffer.from("2\n0\n3\n1024\n3\n")), Buffer.from("abcxyz")]);

export const metadata: readonly CorpusCase[] = [
  {
    name: "[074] xattrs of files and directories, binary values",
    rule: 31,
    layers: [
      [
        dir("d", { pax: xattr("user.d", "\0\xff\n=1 2") }),
        file("d/ping", "x", { mode: 0o755, pax: xattr("security.capability", capability) }),
        file("d/u", "y", {
          pax: {
            ...xattr("user.a", "1"),
            ...xattr(`user.${utf8("ä")}`, utf8("ö")),
            ...xattr("user.x=y", "2"),
          },
        }),
      ],
    ],
    tree: {
      d: D({ xattrs: { "user.d": "\0\xff\n=1 2" } }),
      "d/ping": F("x", { mode: 0o755, xattrs: { "security.capability": capability } }),
      // A PAX key ends at the first "=", so what was called user.x=y is user.x.
      "d/u": F("y", {
        xattrs: { "user.a": "1", [`user.${utf8("ä")}`]: utf8("ö"), "user.x": "y=2" },
      }),
    },
  },
  {
    name: "[075] an empty xattr value is copied",
    rule: 31,
    layers: [[file("f", "x", { pax: xattr("user.empty", "") })]],
    tree: { f: F("x", { xattrs: { "user.empty": "" } }) },
  },
  {
    name: "[077] LIBARCHIVE.xattr is copied and means nothing",
    rule: 31,
    layers: [[file("f", "x", { pax: { "LIBARCHIVE.xattr.user.a": "MQ" } })]],
    tree: { f: F("x") },
  },
  {
    name: "[078] an ACL as xattr",
    rule: 31,
    layers: [[file("f", "x", { pax: xattr("system.posix_acl_access", acl) })]],
    tree: { f: F("x", { xattrs: { "system.posix_acl_access": acl } }) },
  },
  {
    name: "xattrs of selinux, trusted and overlay are copied",
    rule: 32,
    layers: [
      [
        dir("d", {
          pax: {
            ...xattr("security.selinux", "s\0"),
            ...xattr("trusted.t", "t"),
            ...xattr("user.overlay.opaque", "y"),
          },
        }),
      ],
    ],
    tree: {
      d: D({ xattrs: { "security.selinux": "s\0", "trusted.t": "t", "user.overlay.opaque": "y" } }),
    },
  },
  {
    name: "a filter drops xattrs by name, and nothing else",
    rule: 32,
    layers: [
      [
        file("f", "x", {
          mtime: 5,
          pax: { ...xattr("security.selinux", "s"), mtime: "5.25", ...xattr("user.k", "v") },
        }),
        link("g", "f", { pax: { mtime: "5.25", ...xattr("security.selinux", "s") } }),
      ],
    ],
    dropXattr: (name) => name === "security.selinux",
    tree: { f: F("x", { mtime: "5.25", xattrs: { "user.k": "v" } }), g: same("f") },
  },
  {
    name: "[079] old GNU sparse file",
    rule: 33,
    layers: [
      [
        oldSparse(
          { name: "s", mode: 0o600 },
          [
            [0, "abc"],
            [1024, "xyz"],
            [2000, ""],
          ],
          2000,
        ),
        file("after", "a"),
      ],
    ],
    tree: { s: F(`abc${"\0".repeat(1021)}xyz${"\0".repeat(973)}`, { mode: 0o600 }), after: F("a") },
    warnings: [33],
  },
  {
    name: "old GNU sparse file with extension headers",
    rule: 33,
    layers: [
      [
        oldSparse(
          { name: "s" },
          Array.from({ length: 50 }, (_, index) => [index * 512, "0123456789"] as const),
          49 * 512 + 10,
        ),
        file("after", "a"),
      ],
    ],
    tree: {
      s: F(Array.from({ length: 50 }, () => "0123456789").join("\0".repeat(502))),
      after: F("a"),
    },
    warnings: [33],
  },
  {
    name: "old GNU sparse file that is all hole, and one that was linked and whose first name is gone",
    rule: 33,
    layers: [
      [
        oldSparse({ name: "hole" }, [], 700),
        oldSparse({ name: "s" }, [[512, "data"]], 516),
        link("t", "s"),
      ],
      [file("s", "new")],
    ],
    tree: { hole: F("\0".repeat(700)), s: F("new"), t: F(`${"\0".repeat(512)}data`) },
    warnings: [33],
  },
  {
    name: "old GNU sparse map that overlaps",
    rule: 33,
    layers: [
      [
        oldSparse(
          { name: "s" },
          [
            [0, "abcdef"],
            [2, "xyz"],
          ],
          6,
        ),
      ],
    ],
    error: { code: "damaged", mentions: ["s"], layer: 1 },
  },
  {
    name: "old GNU sparse map beyond the file's size",
    rule: 33,
    layers: [
      [
        oldSparse(
          { name: "s" },
          [
            [0, "abc"],
            [1024, "xyz"],
          ],
          512,
        ),
      ],
    ],
    error: { code: "damaged", mentions: ["s"], layer: 1 },
  },
  {
    name: "[080] PAX sparse 1.0",
    rule: 33,
    layers: [
      [
        file("GNUSparseFile.0/s", sparse10.toString("latin1"), {
          pax: {
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.name": "s",
            "GNU.sparse.realsize": "2000",
          },
        }),
        file("after", "a"),
      ],
    ],
    tree: { s: F(`abc${"\0".repeat(1021)}xyz${"\0".repeat(973)}`), after: F("a") },
  },
  {
    name: "PAX sparse 0.1, its first name deleted in favour of a link",
    rule: 33,
    layers: [
      [
        file("x", "abcxyz", {
          pax: {
            "GNU.sparse.name": "s",
            "GNU.sparse.size": "1030",
            "GNU.sparse.numblocks": "2",
            "GNU.sparse.map": "0,3,1024,3",
          },
        }),
        link("t", "s"),
        link("u", "s"),
      ],
      [file(".wh.s")],
    ],
    tree: { t: F(`abc${"\0".repeat(1021)}xyz${"\0".repeat(3)}`), u: same("t") },
  },
  {
    name: "PAX sparse 0.0 with its repeated keys, moved to another name",
    rule: 33,
    layers: [
      [
        paxHeader("x", [
          ["GNU.sparse.size", "1030"],
          ["GNU.sparse.numblocks", "2"],
          ["GNU.sparse.offset", "0"],
          ["GNU.sparse.numbytes", "3"],
          ["GNU.sparse.offset", "1024"],
          ["GNU.sparse.numbytes", "3"],
          ["GNU.sparse.name", "s"],
        ]),
        file("x", "abcxyz"),
        link("t", "s"),
        file("after", "a"),
      ],
      [file(".wh.s")],
    ],
    tree: { t: F(`abc${"\0".repeat(1021)}xyz${"\0".repeat(3)}`), after: F("a") },
  },
  {
    name: "[081] devices and FIFO",
    rule: 34,
    layers: [
      [
        char("c", 1, 3, { mode: 0o666 }),
        block("b", 8, 17, { uid: 6 }),
        fifo("p"),
        char("big", 0o7777777, 0o7777777, {}),
      ],
    ],
    tree: {
      c: CHAR(1, 3, { mode: 0o666 }),
      b: BLOCK(8, 17, { uid: 6 }),
      p: FIFO(),
      big: CHAR(0o7777777, 0o7777777),
    },
  },
  {
    name: "[082] character device 0:0",
    rule: 34,
    layers: [[file("x", "x"), file("y", "y")], [char("x", 0, 0)]],
    tree: { x: CHAR(0, 0), y: F("y") },
    warnings: [34],
  },
  {
    name: "block device 0:0 is a device like any other",
    rule: 34,
    layers: [[block("x", 0, 0)]],
    tree: { x: BLOCK(0, 0) },
  },
  {
    name: "[104] type 7 is a regular file",
    rule: 35,
    layers: [[file("f", "data", { type: "7" }), link("g", "f")]],
    tree: { f: F("data"), g: same("f") },
    warnings: [35],
  },
  {
    name: "[105] an unknown type",
    rule: 35,
    layers: [[file("before", "b")], [file("odd", "data", { type: "Q" })]],
    error: { code: "unsupported", mentions: ["odd"], layer: 2 },
  },
  ...["D", "M", "N"].map((type): CorpusCase => ({
    name: `GNU type ${type}`,
    rule: 35,
    layers: [[file("odd", "data", { type, format: "gnu" })]],
    error: { code: "unsupported", mentions: ["odd"], layer: 1 },
  })),
  {
    name: "a volume label is skipped",
    rule: 35,
    layers: [[file("my label", "", { type: "V", format: "gnu" }), file("f", "x")]],
    tree: { f: F("x") },
    warnings: [35],
  },
  {
    name: "[095] type NUL: a file, and with a slash a directory",
    rule: 35,
    layers: [
      [
        file("f", "x", { type: "\0", format: "v7" }),
        file("d/", "", { type: "\0", format: "v7", mode: 0o755 }),
        file("d/x", "y", { format: "v7" }),
      ],
    ],
    tree: { f: F("x"), d: D(), "d/x": F("y") },
  },
  {
    name: "[083] uid and gid by PAX",
    rule: 36,
    layers: [[file("f", "x", { uid: 1, gid: 1, pax: { uid: "3000000", gid: "4000000000" } })]],
    tree: { f: F("x", { uid: 3_000_000, gid: 4_000_000_000 }) },
  },
  {
    name: "[084] uid and gid in base 256",
    rule: 36,
    layers: [
      [
        file("f", "x", { uid: 3_000_000, gid: 4_000_000_000, format: "gnu" }),
        link("g", "f", { uid: 3_000_000, gid: 4_000_000_000, format: "gnu" }),
      ],
      [file(".wh.f")],
    ],
    tree: { g: F("x", { uid: 3_000_000, gid: 4_000_000_000 }) },
  },
  {
    name: "[103] user and group names do not count",
    rule: 36,
    layers: [
      [
        file("f", "x", {
          uid: 4711,
          gid: 4712,
          uname: "root",
          gname: "daemon",
          pax: { uname: "games" },
        }),
      ],
    ],
    tree: { f: F("x", { uid: 4711, gid: 4712 }) },
  },
  {
    name: "[085] a time before 1970 in base 256",
    rule: 37,
    layers: [
      [file("f", "x", { mtime: -86_400, format: "gnu" }), dir("d", { mtime: -1, format: "gnu" })],
    ],
    tree: { f: F("x", { mtime: "-86400" }), d: D({ mtime: "-1" }) },
  },
  {
    name: "[086] a time before 1970 by PAX",
    rule: 37,
    layers: [[file("f", "x", { pax: { mtime: "-1.5" } })]],
    tree: { f: F("x", { mtime: "-1.5" }) },
  },
  {
    name: "[087] nanoseconds",
    rule: 37,
    layers: [
      [
        file("f", "x", { pax: { mtime: "1234567890.123456789" } }),
        symlink("s", "f", { pax: { mtime: "1.000000001" } }),
      ],
    ],
    tree: { f: F("x", { mtime: "1234567890.123456789" }), s: S("f", { mtime: "1.000000001" }) },
  },
  {
    name: "[088] far-off times",
    rule: 37,
    layers: [
      [
        file("f", "x", { pax: { mtime: "253402300800" } }),
        file("g", "y", { mtime: 2 ** 40, format: "gnu" }),
      ],
    ],
    tree: { f: F("x", { mtime: "253402300800" }), g: F("y", { mtime: 2 ** 40 }) },
  },
  {
    name: "sub-second times of a link's file whose first name is deleted",
    rule: 37,
    layers: [
      [
        file("f", "x", { pax: { mtime: "12.3456" } }),
        link("g", "f", { pax: { mtime: "12.3456" } }),
      ],
      [file(".wh.f")],
    ],
    tree: { g: F("x", { mtime: "12.3456" }) },
  },
  {
    name: "[101] setuid, setgid, sticky",
    rule: 38,
    layers: [
      [
        file("u", "x", { mode: 0o4755, uid: 5 }),
        file("g", "x", { mode: 0o2755, gid: 5 }),
        dir("t", { mode: 0o1777 }),
        file("0", "x", { mode: 0 }),
      ],
    ],
    tree: {
      u: F("x", { mode: 0o4755, uid: 5 }),
      g: F("x", { mode: 0o2755, gid: 5 }),
      t: D({ mode: 0o1777 }),
      "0": F("x", { mode: 0 }),
    },
  },
  {
    name: "[102] file type bits in the mode field",
    rule: 38,
    layers: [
      [
        file("f", "x", { mode: 0o100_644 }),
        dir("d", { mode: 0o040_755 }),
        symlink("s", "f", { mode: 0o120_755 }),
      ],
    ],
    tree: { f: F("x"), d: D(), s: S("f", { mode: 0o755 }) },
  },
  {
    name: "[109] a size on a directory and a symlink",
    rule: 39,
    layers: [[dir("d", { size: 4096 }), symlink("s", "d", { size: 1 }), file("f", "x")]],
    tree: { d: D(), s: S("d"), f: F("x") },
  },
  {
    name: "[110] a size on a link, devices and a FIFO, also by PAX",
    rule: 39,
    layers: [
      [
        file("f", "data"),
        link("l", "f", { size: 4 }),
        char("c", 1, 3, { size: 99 }),
        block("b", 1, 3, { size: 700 }),
        fifo("p", { size: 5 }),
        dir("d", { pax: { size: "12345" } }),
        link("m", "f", { pax: { size: "4" } }),
        file("z", "z"),
      ],
    ],
    tree: {
      f: F("data"),
      l: same("f"),
      m: same("f"),
      c: CHAR(1, 3),
      b: BLOCK(1, 3),
      p: FIFO(),
      d: D(),
      z: F("z"),
    },
  },
  {
    name: "a size by PAX on a file goes before that of the header",
    rule: 30,
    layers: [[file("f", "data", { size: 0, pax: { size: "4" } }), file("z", "z")]],
    tree: { f: F("data"), z: F("z") },
  },
  {
    name: "[106] a PAX global header with a comment, as git archive writes it",
    rule: 40,
    layers: [[global({ comment: "d5338e7" }), file("f", "x")]],
    tree: { f: F("x") },
  },
  {
    name: "a PAX global header with records that engines ignore",
    rule: 40,
    layers: [
      [
        file("a", "a"),
        global({ mtime: "7", uid: "8", "SCHILY.xattr.user.a": "1" }),
        file("f", "x"),
        file("g", "y", { pax: { uid: "9" } }),
      ],
    ],
    tree: { a: F("a"), f: F("x"), g: F("y", { uid: 9 }) },
    warnings: [40],
  },
  {
    name: "[107] atime, ctime, charset, comment and unknown keys",
    rule: 40,
    layers: [
      [
        file("f", "x", {
          pax: {
            atime: "1.5",
            ctime: "2",
            comment: "c",
            charset: "BINARY",
            "VENDOR.key": "v",
            mtime: "3",
          },
        }),
      ],
    ],
    tree: { f: F("x", { mtime: "3" }) },
  },
  {
    name: "GNU header with atime and ctime where ustar has its prefix",
    rule: 30,
    layers: [
      [
        file("f", "x", {
          format: "gnu",
          patch: (header) => header.write("14000000000\x0014000000000\0", 345, "latin1"),
        }),
      ],
    ],
    tree: { f: F("x") },
  },
  {
    name: "numbers with leading spaces, spaces at the end, and nothing at all",
    rule: 36,
    layers: [
      [
        file("f", "abc", {
          patch: (header) => {
            header.write("  644 \0", 100, "latin1");
            header.fill(0, 108, 116);
            header.write("     7 \0", 116, "latin1");
            header.write("         3 \0", 124, "latin1");
          },
        }),
        file("g", "x", { patch: (header) => base256(77, 8).copy(header, 108) }),
      ],
    ],
    tree: { f: F("abc", { gid: 7 }), g: F("x", { uid: 77 }) },
  },
];
