import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { entryBytes } from "../../test/tar-builder.ts";
import type { EntrySpec } from "../../test/tar-builder.ts";
import { ImageError } from "../image-error.ts";
import { parseTarHeader } from "./tar-header.ts";

function block(spec: EntrySpec): Buffer {
  return entryBytes(spec).subarray(0, 512);
}

test("the prefix is part of the name in POSIX headers only", () => {
  const posix = parseTarHeader(block({ name: "file", prefix: "some/folder" }));
  assert.deepEqual([posix.name, posix.dialect], ["some/folder/file", "posix"]);
  const gnu = parseTarHeader(block({ name: "file", prefix: "\x31\x32", format: "gnu" }));
  assert.deepEqual([gnu.name, gnu.dialect], ["file", "gnu"]);
  const old = parseTarHeader(block({ name: "file", format: "v7" }));
  assert.deepEqual([old.name, old.dialect], ["file", "v7"]);
});

test("names may fill their fields to the last byte", () => {
  const name = "n".repeat(100);
  const link = "l".repeat(100);
  const header = parseTarHeader(block({ name, link, type: "2", prefix: "p".repeat(155) }));
  assert.equal(header.name, `${"p".repeat(155)}/${name}`);
  assert.equal(header.linkname, link);
});

test("a checksum over signed bytes counts as well", () => {
  const header = block({ name: "\xe4\xf6\xfc" });
  const sum = Number.parseInt(header.toString("latin1", 148, 154), 8) - 3 * 256;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  assert.equal(parseTarHeader(header).name, "\xe4\xf6\xfc");
});

test("a negative size is refused", () => {
  const spec: EntrySpec = { name: "a", size: -1, format: "gnu" };
  assert.throws(() => parseTarHeader(block(spec)), {
    code: "damaged",
    message: /size is negative/,
  });
});

test("every single flipped bit is noticed", () => {
  const header = block({ name: "etc/passwd", uname: "root", gname: "root", mode: 0o4755 });
  const bit = fc.nat({ max: 512 * 8 - 1 });
  fc.assert(
    fc.property(bit, (position) => {
      const flipped = Buffer.from(header);
      const byte = position >> 3;
      flipped[byte] = (flipped[byte] ?? 0) ^ (1 << (position & 7));
      // in the checksum field a leading zero may become a space, and the padding at its end something else: the sum stays
      if ([148, 154, 155].includes(byte)) return;
      assert.throws(() => parseTarHeader(flipped), ImageError);
    }),
    { numRuns: 500 },
  );
});
