import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { dir, file, link, symlink } from "./entries.ts";
import { layerTar, oldSparse, tarParts, utf8 } from "./tar-builder.ts";
import { squashedTree, tarTree } from "./tar-tree.ts";
import { type Tree, describeTree } from "./tree.ts";

const long = `${"long-directory-name/".repeat(12)}file`;

/** How GNU tar writes each of its formats, with sparse files in every way it knows. */
const GNU_FORMS = [
  ["--format=gnu"],
  ["--format=gnu", "--sparse"],
  ["--format=pax"],
  ["--format=pax", "--sparse", "--sparse-version=0.0"],
  ["--format=pax", "--sparse", "--sparse-version=0.1"],
  ["--format=pax", "--sparse", "--sparse-version=1.0"],
];

test("the reader sees one tree in every format that GNU tar writes", () => {
  using folder = sampleFolder();
  const plain = readBack(folder.path, "--format=pax");
  assert.equal(plain["sparse"]?.startsWith("file 644"), true);
  assert.match(plain["hard"] ?? "", /names=hard\|plain/);
  for (const form of GNU_FORMS)
    assert.deepEqual(
      wholeSeconds(readBack(folder.path, ...form)),
      wholeSeconds(plain),
      form.join(" "),
    );
});

test("GNU tar unpacks what the builder writes to what the reader sees", () => {
  using folder = emptyFolder();
  const tar = layerTar([
    dir("d", { mode: 0o700, mtime: 1000 }),
    file("d/f", "text", { mode: 0o640, mtime: 2000 }),
    file("prefixed", "p", { prefix: "d" }),
    link("d/g", "d/f", { mode: 0o640, mtime: 2000 }),
    symlink("s", "d/f", { mtime: 3000 }),
    file("short", "by pax", { pax: { path: utf8("größe") } }),
    file("short", "long", { longName: long.slice(-150) }),
    oldSparse(
      { name: "holes" },
      Array.from({ length: 30 }, (_, index) => [index * 1024, "x".repeat(512)] as const),
      29 * 1024 + 512,
    ),
  ]);
  execFileSync("tar", ["-x", "-p", "-C", folder.path], { input: tar });
  const unpacked = readBack(folder.path, "--format=pax");
  for (const [path, line] of Object.entries(describeTree(tarTree(tar))))
    assert.equal(unpacked[path], line, path);
});

test("the laws of a squashed layer are enforced", () => {
  const broken: [RegExp, Buffer][] = [
    [/no name twice/, layerTar([file("a"), file("./a")])],
    [/before its children/, layerTar([file("d/a"), dir("d")])],
    [/a link comes after its file/, layerTar([link("b", "a"), file("a")])],
    [/what its links say/, layerTar([file("a", "", { mode: 0o600 }), link("b", "a")])],
    [/no markers/, layerTar([file(".wh.a")])],
    [/leads upwards/, layerTar([file("../a")])],
    [/two zero blocks/, tarParts([file("a")])],
    [/two zero blocks/, Buffer.concat([layerTar([file("a")]), Buffer.alloc(512)])],
    [/say size 0/, layerTar([dir("d", { size: 1 })])],
    [/no global headers/, layerTar([file("g", "", { type: "g" })])],
    [/the root first/, layerTar([file("a"), dir("./")])],
    [/types of POSIX/, layerTar([file("a", "", { type: "7" })])],
  ];
  for (const [law, tar] of broken) assert.throws(() => squashedTree(tar), law);
  assert.throws(
    () => squashedTree(layerTar([file("a"), file(".wh.b")]), { markers: true }),
    /markers before siblings/,
  );
  assert.throws(
    () => squashedTree(layerTar([file(".wh.b"), file("b")]), { markers: true }),
    /no marker beside an entry/,
  );
  assert.throws(
    () => squashedTree(layerTar([file(".wh..wh..opq")]), { markers: true }),
    /no opaque root/,
  );
});

interface Folder extends Disposable {
  readonly path: string;
}

function emptyFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "wharf-tar-tree-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

function sampleFolder(): Folder {
  const folder = emptyFolder();
  const at = (name: string): string => join(folder.path, name);
  mkdirSync(at(long.slice(0, long.lastIndexOf("/"))), { recursive: true });
  writeFileSync(at(long), "deep");
  writeFileSync(at("plain"), "plain", { mode: 0o644 });
  utimesSync(at("plain"), 12, 1234.5);
  linkSync(at("plain"), at("hard"));
  symlinkSync(long, at("symlink"));
  writeFileSync(at("sparse"), "start", { mode: 0o644 });
  truncateSync(at("sparse"), 3_000_000);
  writeFileSync(at("sparse"), "end", { flag: "a" });
  return folder;
}

function readBack(folder: string, ...options: string[]): Record<string, string> {
  const tar = execFileSync("tar", ["-c", ...options, "--numeric-owner", "-C", folder, "."], {
    maxBuffer: 2 ** 26,
  });
  const tree: Tree = tarTree(tar);
  return describeTree(tree);
}

/** Without fractions of times: GNU format has none. */
function wholeSeconds(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tree).map(([path, line]) => [
      path,
      line.replace(/^(\w+ \d+ \S+ -?\d+)\.\d+/, "$1"),
    ]),
  );
}
