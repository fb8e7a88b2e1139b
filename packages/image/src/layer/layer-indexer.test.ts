import assert from "node:assert/strict";
import { suite, test } from "node:test";

import fc from "fast-check";

import { dir, file, link, symlink, char, fifo, global } from "../../test/entries.ts";
import {
  entryBytes,
  gnuLong,
  layerTar,
  oldSparse,
  padded,
  paxHeader,
  tarParts,
} from "../../test/tar-builder.ts";
import type { EntrySpec, LayerPart } from "../../test/tar-builder.ts";
import { EntryFlag, linknameOf, nameOf } from "./entry-table.ts";
import { HeaderStoreReader } from "./header-store.ts";
import { ImageError } from "../image-error.ts";
import type { ImageErrorCode, ImageErrorPlace } from "../image-error.ts";
import { LayerIndexer } from "./layer-indexer.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Limits } from "../limits.ts";
import { EntryType } from "../tar/entry-type.ts";

type Indexed = ReturnType<LayerIndexer["finish"]>;

/** Indexes a tar that comes in chunks of these lengths, over and over. */
function index(
  tar: Uint8Array,
  limits: Partial<Limits> = {},
  sizes: readonly number[] = [tar.length],
): Indexed {
  const indexer = new LayerIndexer({ ...DEFAULT_LIMITS, ...limits }, 3);
  for (let at = 0, turn = 0; at < tar.length; turn++) {
    const length = sizes[turn % sizes.length] ?? 1;
    const chunk = Buffer.from(tar.subarray(at, at + length)); // its own memory, changed when it was taken
    indexer.push(chunk);
    chunk.fill(0xaa);
    at += length;
  }
  return indexer.finish();
}

/** One entry, with everything the index knows of it. */
function entriesOf({ table, headers }: Indexed) {
  const reader = new HeaderStoreReader(headers);
  return Array.from({ length: table.count }, (_, entry) => ({
    name: nameOf(table, entry),
    linkname: linknameOf(table, entry),
    type: table.type[entry],
    size: table.size[entry],
    flags: table.flags[entry],
    headerStart: table.headerStart[entry],
    headerLength: table.headerLength[entry],
    sparse: table.sparse.get(entry),
    raw: reader.read(table.rawStart[entry] ?? 0, table.rawLength[entry] ?? 0).toString("latin1"),
  }));
}

function onlyEntry(parts: readonly LayerPart[]): ReturnType<typeof entriesOf>[number] {
  const [entry, ...others] = entriesOf(index(layerTar(parts)));
  assert.ok(entry !== undefined && others.length === 0);
  return entry;
}

function refuses(
  tar: Uint8Array,
  code: ImageErrorCode,
  place: ImageErrorPlace,
  limits: Partial<Limits> = {},
): void {
  for (const sizes of [[tar.length], [1]]) {
    assert.throws(
      () => index(tar, limits, sizes),
      (error) => {
        assert.ok(error instanceof ImageError, String(error));
        assert.deepEqual(
          { code: error.code, ...error.place },
          { code, layer: 3, ...place },
          error.message,
        );
        return true;
      },
    );
  }
}

const long = "long/".repeat(50);

/** Something of everything. */
const varied: readonly LayerPart[] = [
  dir("./"),
  dir("etc/"),
  file("etc/passwd", "root:x:0:0"),
  file("empty"),
  global({ comment: "a commit" }),
  file(`${long}pax`, "x".repeat(513), { name: "short", pax: { path: `${long}pax`, mtime: "1.5" } }),
  file(`${long}gnu`, "y".repeat(512), { format: "gnu" }),
  link("hard", "etc/passwd"),
  symlink("sym", "/etc/passwd"),
  link(`${long}link`, `${long}gnu`, { format: "gnu" }),
  file("x", "z", { pax: { "SCHILY.xattr.user.a": "\0\xff" } }),
  char("null", 1, 3),
  fifo("pipe"),
  oldSparse(
    { name: "holes" },
    Array.from({ length: 30 }, (_, at) => [at * 4096, "data"]),
    200_000,
  ),
  { name: "contiguous", type: "7", data: "c" },
  { name: "label", type: "V" },
  file("../../b\xe4d//name"),
];

suite("what the index knows", () => {
  test("names, links, types and sizes in the order of the tar", () => {
    const entries = entriesOf(index(layerTar(varied)));
    assert.deepEqual(
      entries.map(({ name, linkname, type, size }) => [name, linkname, type, size]),
      [
        ["./", "", EntryType.directory, 0],
        ["etc/", "", EntryType.directory, 0],
        ["etc/passwd", "", EntryType.file, 10],
        ["empty", "", EntryType.file, 0],
        [`${long}pax`, "", EntryType.file, 513],
        [`${long}gnu`, "", EntryType.file, 512],
        ["hard", "etc/passwd", EntryType.hardLink, 0],
        ["sym", "/etc/passwd", EntryType.symlink, 0],
        [`${long}link`, `${long}gnu`, EntryType.hardLink, 0],
        ["x", "", EntryType.file, 1],
        ["null", "", EntryType.characterDevice, 0],
        ["pipe", "", EntryType.fifo, 0],
        ["holes", "", EntryType.file, 120],
        ["contiguous", "", EntryType.file, 1],
        ["../../b\xe4d//name", "", EntryType.file, 0],
      ],
    );
  });

  test("an entry is where its first header block is, and its raw headers are those bytes", () => {
    const tar = layerTar(varied);
    for (const { headerStart = 0, headerLength = 0, raw, name, flags = 0 } of entriesOf(
      index(tar),
    )) {
      const bytes = tar.toString("latin1", headerStart, headerStart + headerLength);
      assert.equal(raw, bytes, name);
      assert.equal(
        flags & EntryFlag.rewrite,
        ["holes", "contiguous"].includes(name) ? EntryFlag.rewrite : 0,
        name,
      );
    }
  });

  test("headers of nobody between the headers of an entry are left out of it", () => {
    const [record, main] = [
      paxHeader("x", { path: long }),
      entryBytes({ name: "short", data: "abc" }),
    ];
    const between = [global({ a: "b" }), entryBytes({ name: "label", type: "V" })];
    const entry = onlyEntry([record, ...between, main]);
    assert.equal(entry.name, long);
    assert.equal(entry.raw, Buffer.concat([record, main.subarray(0, 512)]).toString("latin1"));
    assert.equal(entry.headerLength, Buffer.concat([record, ...between]).length + 512);
    assert.equal((entry.flags ?? 0) & EntryFlag.rewrite, EntryFlag.rewrite);
  });

  test("clean names are those that need no cleaning but for ./ and a last slash", () => {
    const clean = ["a", "./a", "a/b", "a.b", "a/..b", "...", "./", "a/"];
    const unclean = [
      "/a",
      "a//b",
      "a/./b",
      "a/../b",
      "../a",
      "a/.",
      "a/..",
      "././a",
      ".//a",
      "a//",
      "",
    ];
    for (const name of [...clean, ...unclean]) {
      const spec = { name: name === "" ? "x" : name, type: /(^|\/)$/.test(name) ? "5" : "0" };
      const { flags = 0 } = onlyEntry([
        name === "" ? { ...spec, patch: (block) => void block.fill(0, 0, 100) } : spec,
      ]);
      const wanted = clean.includes(name) ? EntryFlag.cleanName : 0;
      assert.equal(flags & EntryFlag.cleanName, wanted, JSON.stringify(name));
    }
  });

  test("the map of a sparse file over several blocks", () => {
    const pieces = Array.from({ length: 30 }, (_, at): [number, string] => [at * 4096, "data"]);
    const { sparse, size } = onlyEntry([oldSparse({ name: "holes" }, pieces, 200_000)]);
    assert.equal(size, 120);
    assert.deepEqual(sparse, { realSize: 200_000, pieces: pieces.map(([offset]) => [offset, 4]) });
  });

  test("the last header of each kind holds, empty ones change nothing, and each holds for one entry", () => {
    const entries = entriesOf(
      index(
        layerTar([
          gnuLong("L", "first"),
          gnuLong("L", "second"),
          file("a"),
          file("b"),
          paxHeader("x", { path: "first", "SCHILY.xattr.user.a": "1" }),
          paxHeader("x", { path: "second" }),
          file("c"),
          gnuLong("L", ""),
          gnuLong("K", ""),
          symlink("d", "target"),
          file("e", "", { pax: { path: "", linkpath: "" } }),
        ]),
      ),
    );
    assert.deepEqual(
      entries.map(({ name, linkname, flags = 0 }) => [name, linkname, flags & EntryFlag.xattrs]),
      [
        ["second", "", 0],
        ["b", "", 0],
        ["second", "", 0],
        ["d", "target", 0],
        ["e", "", 0],
      ],
    );
  });

  test("the name of a PAX sparse file is its own, whatever the order of the records", () => {
    for (const pax of [
      { "GNU.sparse.name": "real", path: "GNUSparseFile.1/real" },
      { path: "GNUSparseFile.1/real", "GNU.sparse.name": "real" },
    ]) {
      assert.equal(onlyEntry([file("GNUSparseFile.1/real", "", { pax })]).name, "real");
    }
  });

  test("types without data have none, whatever their size field says", () => {
    for (const type of ["1", "2", "3", "4", "5", "6"]) {
      const tar = layerTar([{ name: "a", type, size: 700, link: "b" }, file("next")]);
      const [entry, next] = entriesOf(index(tar));
      assert.equal(entry?.size, 0);
      assert.equal((entry?.flags ?? 0) & EntryFlag.rewrite, EntryFlag.rewrite);
      assert.equal(next?.headerStart, 512);
    }
  });
});

suite("however the bytes are cut", () => {
  const tar = layerTar(varied);
  const whole = index(tar);

  test("the index is the same", () => {
    const sizes = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 3000 })),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(sizes, (chunks) => {
        const cut = index(tar, {}, chunks);
        assert.deepEqual(entriesOf(cut), entriesOf(whole));
        assert.deepEqual([cut.size, cut.warnings], [whole.size, whole.warnings]);
      }),
    );
  });

  test("a tar that ends early is refused, but for the padding and the end blocks", () => {
    const parts = varied.map((part) => tarParts([part]));
    const ends = new Set<number>();
    let position = 0;
    for (const [number, part] of parts.entries()) {
      position += part.length;
      ends.add(position);
      const data = entriesOf(whole).find(
        ({ headerStart = 0 }) => headerStart === position - part.length,
      );
      const padding = data === undefined ? 0 : (512 - ((data.size ?? 0) % 512)) % 512;
      for (let missing = 1; missing <= padding; missing++) ends.add(position - missing);
      assert.ok(number < parts.length);
    }
    const near = [...ends].flatMap((end) => [end - 1, end, end + 1]);
    const some = Array.from({ length: tar.length / 101 }, (_, step) => step * 101);
    for (const length of [...near, ...some, position + 511, position + 512, position + 1024]) {
      const cut = (): Indexed => index(tar.subarray(0, length));
      if (length === 0 || ends.has(length) || length >= position + 512)
        assert.equal(cut().size, length);
      else
        assert.throws(
          cut,
          (error) =>
            error instanceof ImageError && error.code === "damaged" && error.place.layer === 3,
          `cut at ${length}`,
        );
    }
  });
});

suite("the end", () => {
  test("nothing at all is an empty layer", () => {
    const { table, size } = index(Buffer.alloc(0));
    assert.deepEqual([table.count, size], [0, 0]);
  });

  test("all bytes count, also those behind the end", () => {
    const entry = tarParts([file("a", "data")]);
    for (const rest of [0, 1, 100, 512, 513, 1024, 1025, 5000]) {
      const tar = Buffer.concat([entry, Buffer.alloc(512), Buffer.alloc(rest)]);
      assert.equal(index(tar).size, tar.length);
      assert.equal(index(tar, {}, [100]).size, tar.length);
    }
    const after = Buffer.concat([layerTar([file("a")]), tarParts([file("hidden")])]);
    assert.equal(index(after).table.count, 1);
    assert.equal(index(after).size, after.length);
  });

  test("a single zero block between entries is damage", () => {
    const tar = Buffer.concat([tarParts([file("a")]), Buffer.alloc(512), layerTar([file("b")])]);
    refuses(tar, "damaged", { offset: 1024 });
  });
});

suite("damage is told with layer and offset", () => {
  const before = tarParts([file("first", "data")]); // 1024 bytes
  const damaged: Readonly<Record<string, { part: LayerPart; offset?: number; path?: string }>> = {
    "a wrong checksum": { part: file("a", "", { checksumError: 1 }) },
    "text instead of a header": { part: Buffer.from("hello ".repeat(100)).subarray(0, 512) },
    "a size that is no number": {
      part: file("a", "", { patch: (block) => void block.write("12x4", 124) }),
    },
    "a negative size": { part: file("a", "", { size: -1, format: "gnu" }) },
    "a size beyond all numbers": {
      part: file("a", "", {
        patch: (block) => void block.fill(0xff, 125, 136).fill(0xbf, 124, 125),
      }),
    },
    "a mode that is no number": {
      part: file("a", "", { patch: (block) => void block.write("rwxr-xr", 100) }),
    },
    "an owner that is no number": {
      part: file("a", "", { patch: (block) => void block.write("root", 108) }),
    },
    "a time that is no number": {
      part: file("a", "", { patch: (block) => void block.write("yesterday", 136) }),
    },
    "a PAX record without length": {
      part: Buffer.concat([header("x", 5), padded(Buffer.from("a=b\nx"))]),
      offset: 1536,
    },
    "a PAX record longer than its header": {
      part: Buffer.concat([header("x", 9), padded(Buffer.from("99 a=bcd\n"))]),
      offset: 1536,
    },
    "a PAX path with a NUL": { part: paxHeader("x", { path: "a\0b" }), offset: 1536 },
    "a PAX link with a NUL": { part: paxHeader("x", { linkpath: "a\0b" }), offset: 1536 },
    "a PAX size that is no number": { part: paxHeader("x", { size: "-5" }), offset: 1536 },
    "a PAX size beyond all numbers": {
      part: paxHeader("x", { size: "9".repeat(16) }),
      offset: 1536,
    },
    "a malformed global header": {
      part: Buffer.concat([header("g", 3), padded(Buffer.from("a=b"))]),
      offset: 1536,
    },
    "a sparse map out of order": {
      part: oldSparse(
        { name: "s" },
        [
          [4096, "a"],
          [0, "b"],
        ],
        8192,
      ),
      path: "s",
    },
    "a sparse piece behind the end": {
      part: oldSparse({ name: "s" }, [[4096, "a"]], 100),
      path: "s",
    },
    "a sparse map of other data": {
      part: withSize(oldSparse({ name: "s" }, [[0, "abc"]], 100), 2),
      path: "s",
    },
    "a negative sparse piece": {
      part: patched(oldSparse({ name: "s" }, [[0, "abc"]], 100), 386, -1),
    },
    "a negative sparse length": {
      part: patched(oldSparse({ name: "s" }, [[0, "abc"]], 100), 483, -1),
    },
    "a sparse map that is no number": {
      part: patched(oldSparse({ name: "s" }, [[0, "abc"]], 100), 398, "12z"),
    },
  };
  for (const [what, { part, offset = 1024, path }] of Object.entries(damaged)) {
    test(what, () => {
      const tar = Buffer.concat([before, tarParts([part]), layerTar([file("last")])]);
      refuses(tar, "damaged", { offset, ...(path === undefined ? {} : { path }) });
    });
  }

  test("an extended header without an entry", () => {
    refuses(layerTar([file("first", "data"), paxHeader("x", { a: "b" })]), "damaged", {
      offset: 2048,
    });
    refuses(tarParts([file("first", "data"), gnuLong("L", "a")]), "damaged", { offset: 2048 });
  });

  test("an entry of unknown type", () => {
    for (const type of ["A", "D", "M", "N", "\x01", "\xff"])
      refuses(layerTar([file("first", "data"), { name: "it", type }]), "unsupported", {
        offset: 1024,
        path: "it",
      });
  });
});

suite("limits", () => {
  test("entries", () => {
    const tar = layerTar(["a", "b", "c"].map((name) => file(name)));
    assert.equal(index(tar, { layerEntries: 3 }).table.count, 3);
    refuses(tar, "limit", { offset: 1024, path: "c" }, { layerEntries: 2 });
  });

  test("an extended header, before its bytes are held", () => {
    for (const type of ["x", "g", "L", "K"]) {
      const { offset } = { offset: 0 };
      refuses(header(type, 2 ** 40), "limit", { offset });
      refuses(header(type, DEFAULT_LIMITS.extendedHeaderBytes + 1), "limit", { offset });
    }
    const tar = layerTar([file("a", "", { pax: { comment: "x".repeat(900) } })]);
    assert.equal(index(tar, { extendedHeaderBytes: 913 }).table.count, 1);
    refuses(tar, "limit", { offset: 0 }, { extendedHeaderBytes: 911 });
  });

  test("all extended headers of one entry together", () => {
    const record = paxHeader("x", { comment: "x".repeat(900) }); // three blocks
    const parts = Array.from({ length: 6 }, () => record);
    assert.equal(
      index(layerTar([...parts, file("a")]), { extendedHeaderBytes: 2560 }).table.count,
      1,
    );
    refuses(
      layerTar([...parts, file("a")]),
      "limit",
      { offset: 2 * 1536 },
      { extendedHeaderBytes: 1024 },
    );
    refuses(tarParts([record, entryBytes({ name: "label", type: "V", size: 2 ** 32 })]), "limit", {
      offset: 1536,
    });
  });

  test("a path and a link target", () => {
    const name = "n".repeat(50);
    for (const part of [
      file(name),
      symlink("a", name),
      link("a", name),
      file("a", "", { pax: { path: name } }),
    ]) {
      assert.equal(index(layerTar([part]), { pathBytes: 50 }).table.count, 1);
      assert.throws(() => index(layerTar([part]), { pathBytes: 49 }), { code: "limit" });
    }
    refuses(layerTar([file(name)]), "limit", { offset: 0, path: name }, { pathBytes: 49 });
  });

  test("the depth of a path", () => {
    const tar = layerTar([file("a/b/c")]);
    assert.equal(index(tar, { pathDepth: 3 }).table.count, 1);
    refuses(tar, "limit", { offset: 0, path: "a/b/c" }, { pathDepth: 1 });
  });

  test("bytes of names that a layer has in all", () => {
    const tar = layerTar([
      file("a".repeat(40)),
      file("b".repeat(40)),
      link("c".repeat(9), "b".repeat(40)),
    ]);
    refuses(tar, "limit", { offset: 1024, path: "c".repeat(9) }, { layerNameBytes: 128 });
    assert.equal(entriesOf(index(tar, { layerNameBytes: 129 })).length, 3);
  });

  test("the size of an entry, before its data has come", () => {
    refuses(header("0", 2 ** 40), "limit", { offset: 0 });
    refuses(tarParts([paxHeader("x", { size: String(2 ** 50) }), file("a")]), "limit", {
      offset: 1024,
    });
    refuses(entryBytes({ name: "a", size: Number.MAX_SAFE_INTEGER, format: "gnu" }), "limit", {
      offset: 0,
    });
    refuses(entryBytes({ name: "label", type: "V", size: 2 ** 40, format: "gnu" }), "limit", {
      offset: 0,
    });
  });

  test("what sparse files expand to, one and all together", () => {
    const sparse = (name: string): Buffer => oldSparse({ name }, [[0, "x"]], 6000);
    const limits = { layerBytes: 10_000 };
    assert.equal(index(layerTar([sparse("a")]), limits).table.count, 1);
    refuses(layerTar([sparse("a"), sparse("b")]), "limit", { offset: 1024, path: "b" }, limits);
    refuses(
      layerTar([oldSparse({ name: "a" }, [], 2 ** 32)]),
      "limit",
      { offset: 0, path: "a" },
      { layerBytes: 2 ** 31 },
    );
  });

  test("the map of a sparse file", () => {
    const pieces = Array.from({ length: 100 }, (_, at): [number, string] => [at * 10, "x"]);
    const tar = layerTar([oldSparse({ name: "s" }, pieces, 5000)]);
    assert.equal(index(tar).table.count, 1);
    refuses(tar, "limit", { offset: 1024, path: "s" }, { extendedHeaderBytes: 1024 });
  });
});

suite("warnings", () => {
  test("carry rule and path", () => {
    const { warnings } = index(
      layerTar([
        global({ comment: "none" }),
        global({ mtime: "1", "a\nb": "2" }),
        { name: "seven", type: "7" },
        { name: "label", type: "V" },
        oldSparse({ name: "s" }, [[0, "x"]], 10),
      ]),
    );
    assert.deepEqual(
      warnings.map(({ rule, path }) => [rule, path]),
      [
        [40, undefined],
        [35, "seven"],
        [35, "label"],
        [33, "s"],
      ],
    );
    assert.match(warnings[0]?.message ?? "", /mtime, a\\x0ab/);
  });

  test("a thousand are enough", () => {
    const label = entryBytes({ name: "label", type: "V" });
    const { warnings } = index(Buffer.concat(Array.from({ length: 1500 }, () => label)));
    assert.equal(warnings.length, 1000);
  });
});

test("any damaged header is an ImageError with a place, or is read", () => {
  const tar = layerTar(varied.slice(0, 8));
  const change = fc.tuple(fc.nat({ max: tar.length - 1 }), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const damaged = Buffer.from(tar);
      for (const [at, byte] of changes) damaged[at] = byte;
      try {
        assert.equal(index(damaged).size, tar.length);
      } catch (error) {
        assert.ok(error instanceof ImageError, String(error));
        assert.equal(error.place.layer, 3);
        assert.equal(typeof error.place.offset, "number");
      }
    }),
    { numRuns: 1000 },
  );
});

/** A header alone, with any size in it. */
function header(type: string, size: number): Buffer {
  const spec: EntrySpec = { name: "it", type, size, format: "gnu" };
  return entryBytes(spec).subarray(0, 512);
}

function withSize(bytes: Buffer, size: number): Buffer {
  return patched(bytes, 124, `${size.toString(8).padStart(11, "0")}\0`);
}

/** Puts text or a base-256 number of 12 bytes into the first block and makes its checksum right. */
function patched(bytes: Buffer, at: number, value: string | -1): Buffer {
  const result = Buffer.from(bytes);
  if (value === -1) result.fill(0xff, at, at + 12);
  else result.write(value, at, "latin1");
  result.fill(" ", 148, 156);
  const sum = result.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  result.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return result;
}
