import assert from "node:assert/strict";
import { test } from "node:test";

import { entryBytes, oldSparse, utf8 } from "../../test/tar-builder.ts";
import type { EntrySpec } from "../../test/tar-builder.ts";
import { isInstalled, listWithTool, TAR_TOOLS } from "../testing/tar-tools.ts";
import { TypeFlag } from "./entry-type.ts";
import { parseRawHeader, valueOf } from "./raw-header.ts";
import { rewriteHeader } from "./rewrite-header.ts";
import type { HeaderChanges } from "./rewrite-header.ts";
import { parseTarHeader } from "./tar-header.ts";

const long = `deep/${"x".repeat(150)}`;
const details: Partial<EntrySpec> = {
  mode: 0o2750,
  uid: 12,
  gid: 34,
  mtime: 56,
  uname: "u",
  gname: "g",
};

function rewritten(original: Buffer, changes: HeaderChanges): Buffer {
  return rewriteHeader(parseRawHeader(original), changes);
}

test("only what is to be different changes", () => {
  const original = entryBytes({ name: "a", ...details });
  const header = rewritten(original, { name: "b", linkname: "" });
  assert.equal(header.length, 512);
  const changed = [...header.keys()].filter((index) => header[index] !== original[index]);
  assert.deepEqual(
    changed.filter((index) => index < 148 || index >= 156),
    [0],
    "the name alone, and the checksum",
  );
  assert.equal(parseTarHeader(header).name, "b");
});

test("nothing of the old name is left, be it in prefix, record or long name", () => {
  const originals = {
    prefix: entryBytes({ name: "old", prefix: "folder" }),
    record: entryBytes({ name: "short", pax: { path: utf8("alt/ä") } }),
    "long name": entryBytes({ name: long, format: "gnu" }),
    "no magic": entryBytes({ name: "old", format: "v7" }),
  };
  for (const [what, original] of Object.entries(originals)) {
    const header = rewritten(original, { name: "new", linkname: "" });
    assert.equal(parseRawHeader(header).name, "new", what);
    assert.equal(header.length, 512, what);
  }
});

test("records that do not name the entry stay, in their order and with their bytes", () => {
  const pax = { "SCHILY.xattr.user.b": "\0\xff\n=", mtime: "1.5", path: "old", "vendor.key": "v" };
  const header = rewritten(entryBytes({ name: "a", pax }), { name: long, linkname: "" });
  assert.deepEqual(
    parseRawHeader(header).records.map(({ key, value }) => [key, value]),
    [
      ["SCHILY.xattr.user.b", "\0\xff\n="],
      ["mtime", "1.5"],
      ["vendor.key", "v"],
      ["path", long],
    ],
  );
});

test("records can be dropped; without any left there is no PAX header", () => {
  const pax = { "SCHILY.xattr.security.selinux": "x", "SCHILY.xattr.user.a": "y" };
  const original = entryBytes({ name: "a", pax });
  const keepsOne = rewritten(original, {
    name: "a",
    linkname: "",
    dropRecord: (key) => key.endsWith("selinux"),
  });
  assert.equal(valueOf(parseRawHeader(keepsOne).records, "SCHILY.xattr.user.a"), "y");
  assert.equal(parseRawHeader(keepsOne).records.length, 1);
  assert.equal(
    rewritten(original, { name: "a", linkname: "", dropRecord: () => true }).length,
    512,
  );
});

test("a new size holds, whatever field or record told the old one", () => {
  const header = rewritten(entryBytes({ name: "a", pax: { size: "99" } }), {
    name: "a",
    linkname: "",
    size: 7,
  });
  assert.equal(valueOf(parseRawHeader(header).records, "size"), undefined);
  assert.equal(parseTarHeader(parseRawHeader(header).main).size, 7);
});

test("the map of an old GNU sparse file goes when it becomes a plain file", () => {
  const sparse = oldSparse({ name: "holes", ...details }, [[1024, "data"]], 4096).subarray(0, 512);
  const header = rewritten(sparse, {
    name: "holes",
    linkname: "",
    type: TypeFlag.file,
    size: 4096,
  });
  assert.ok(header.subarray(345).every((byte) => byte === 0));
  assert.equal(parseTarHeader(header).size, 4096);
});

test("the name of a PAX sparse file is in its own record", () => {
  const pax = {
    "GNU.sparse.major": "1",
    "GNU.sparse.minor": "0",
    "GNU.sparse.name": "old",
    "GNU.sparse.realsize": "9",
  };
  const original = entryBytes({ name: "GNUSparseFile.0/old", pax });
  const header = parseRawHeader(rewritten(original, { name: "new", linkname: "" }));
  assert.equal(header.name, "new");
  assert.equal(valueOf(header.records, "GNU.sparse.name"), "new");
  assert.equal(parseTarHeader(header.main).name, "GNUSparseFile.0/old");
});

const originals: Readonly<Record<string, EntrySpec>> = {
  ustar: { name: "old", prefix: "some", ...details },
  pax: { name: "old", pax: { path: "some/old", mtime: "56.25" }, ...details },
  gnu: { name: long, format: "gnu", ...details },
  "gnu, large numbers": { name: "old", format: "gnu", ...details, uid: 5_000_000, gid: 3_000_000 },
  v7: { name: "old", format: "v7", ...details },
};

for (const tool of TAR_TOOLS) {
  test(`${tool} reads a rewritten header of every dialect, with short, long and foreign names`, async (t) => {
    if (!isInstalled(tool)) return t.skip(`${tool} is not installed`);
    for (const [dialect, original] of Object.entries(originals)) {
      const names = ["new", long, utf8(`${long}/ä`), "b\xffd"];
      const files = names.map((name) => rewritten(entryBytes(original), { name, linkname: "" }));
      const links = names.map((name, index) =>
        rewritten(entryBytes(original), {
          name: `${index}`,
          linkname: name,
          type: TypeFlag.hardLink,
          size: 0,
        }),
      );
      const tar = Buffer.concat([...files, ...links, Buffer.alloc(1024)]);
      const listed = await listWithTool(tool, tar);
      const owner = [original.uid, original.gid];
      assert.deepEqual(
        listed.map(({ mode, uid, gid, name }) => [mode, uid, gid, name]),
        [
          ...names.map((name) => ["-rwxr-s---", ...owner, name]),
          ...names.map((name, index) => ["hrwxr-s---", ...owner, `${index} link to ${name}`]),
        ],
        dialect,
      );
    }
  });
}
