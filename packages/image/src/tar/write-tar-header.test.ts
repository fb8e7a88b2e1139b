import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { isInstalled, listWithTool, TAR_TOOLS } from "../testing/tar-tools.ts";
import { TypeFlag } from "./entry-type.ts";
import { parseRawHeader } from "./raw-header.ts";
import { parseTarHeader } from "./tar-header.ts";
import { writeTarHeader } from "./write-tar-header.ts";
import type { TarHeaderFields } from "./write-tar-header.ts";

const long = (length: number): string =>
  "0123456789/".repeat(Math.ceil(length / 11)).slice(0, length);

test("a plain header is one block that says what was given", () => {
  const header = writeTarHeader({ name: "etc/hostname", size: 5, mode: 0o600, uid: 1, gid: 2 });
  assert.equal(header.length, 512);
  const { name, size, type, dialect } = parseTarHeader(header);
  assert.deepEqual([name, size, type, dialect], ["etc/hostname", 5, TypeFlag.file, "posix"]);
});

test("names of up to 100 bytes need no record, longer ones do", () => {
  assert.equal(writeTarHeader({ name: long(100) }).length, 512);
  assert.equal(writeTarHeader({ name: long(101) }).length, 3 * 512);
  const both = writeTarHeader({ name: long(3000), linkname: long(4000), type: TypeFlag.hardLink });
  const { name, linkname } = parseRawHeader(both);
  assert.deepEqual([name, linkname], [long(3000), long(4000)]);
});

test("the same fields give the same bytes", () => {
  const fields = { name: long(300), mtime: -1, pax: [{ key: "comment", value: "x" }] };
  assert.deepEqual(writeTarHeader(fields), writeTarHeader(fields));
});

test("whatever name and link name are written are read again", () => {
  const bytes = fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((array) => Buffer.from(array.map((byte) => byte || 1)).toString("latin1"));
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), (name, linkname, size) => {
      const raw = parseRawHeader(writeTarHeader({ name, linkname, size, type: TypeFlag.symlink }));
      assert.deepEqual([raw.name, raw.linkname], [name, linkname]);
      assert.equal(parseTarHeader(raw.main).size, size);
    }),
  );
});

const entries: readonly { readonly fields: TarHeaderFields; readonly shown: string }[] = [
  { fields: { name: "dir/", type: TypeFlag.directory }, shown: "drwxr-xr-x 0 0 0 dir/" },
  { fields: { name: "dir/file", mode: 0o4711 }, shown: "-rws--x--x 0 0 0 dir/file" },
  {
    fields: { name: "who", uid: 2_097_152, gid: 2 ** 31 },
    shown: "-rw-r--r-- 2097152 2147483648 0 who",
  },
  { fields: { name: "b\xe4d \xff" }, shown: "-rw-r--r-- 0 0 0 b\xe4d \xff" },
  { fields: { name: long(100) }, shown: `-rw-r--r-- 0 0 0 ${long(100)}` },
  { fields: { name: long(2001) }, shown: `-rw-r--r-- 0 0 0 ${long(2001)}` },
  {
    fields: { name: "sym", type: TypeFlag.symlink, mode: 0o777, linkname: long(300) },
    shown: `lrwxrwxrwx 0 0 0 sym -> ${long(300)}`,
  },
  {
    fields: { name: "hard", type: TypeFlag.hardLink, linkname: "dir/file" },
    shown: "hrw-r--r-- 0 0 0 hard link to dir/file",
  },
  { fields: { name: "fifo", type: TypeFlag.fifo }, shown: "prw-r--r-- 0 0 0 fifo" },
  { fields: { name: "old", mtime: -86_400 }, shown: "-rw-r--r-- 0 0 0 old" },
];

for (const tool of TAR_TOOLS) {
  test(`${tool} reads every header as it was meant`, async (t) => {
    if (!isInstalled(tool)) return t.skip(`${tool} is not installed`);
    const headers = entries.map(({ fields }) => writeTarHeader(fields));
    const listed = await listWithTool(tool, Buffer.concat([...headers, Buffer.alloc(1024)]));
    assert.deepEqual(
      listed.map(({ mode, uid, gid, size, name }) => `${mode} ${uid} ${gid} ${size} ${name}`),
      entries.map(({ shown }) => shown),
    );
  });
}
