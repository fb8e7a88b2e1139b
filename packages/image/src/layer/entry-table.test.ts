import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { EntryTableWriter, linknameOf, nameOf } from "./entry-table.ts";
import type { EntryTable, NewEntry } from "./entry-table.ts";
import { EntryType } from "../tar/entry-type.ts";

function tableOf(entries: Iterable<NewEntry>): EntryTable {
  const writer = new EntryTableWriter();
  for (const entry of entries) writer.add(entry);
  return writer.seal();
}

function readBack(table: EntryTable, index: number): NewEntry {
  return {
    headerStart: table.headerStart[index] ?? Number.NaN,
    headerLength: table.headerLength[index] ?? Number.NaN,
    size: table.size[index] ?? Number.NaN,
    type: table.type[index] as EntryType, // what was written
    flags: table.flags[index] ?? Number.NaN,
    rawStart: table.rawStart[index] ?? Number.NaN,
    rawLength: table.rawLength[index] ?? Number.NaN,
    name: nameOf(table, index),
    linkname: linknameOf(table, index),
    sparse: table.sparse.get(index),
  };
}

const bytes = fc
  .uint8Array({ maxLength: 300 })
  .map((array) => Buffer.from(array).toString("latin1"));
const entry: fc.Arbitrary<NewEntry> = fc.record(
  {
    headerStart: fc.maxSafeNat(),
    headerLength: fc.integer({ min: 512, max: 2 ** 32 - 1 }),
    size: fc.maxSafeNat(),
    type: fc.constantFrom(...Object.values(EntryType)),
    flags: fc.integer({ min: 0, max: 63 }),
    rawStart: fc.maxSafeNat(),
    rawLength: fc.integer({ min: 512, max: 2 ** 32 - 1 }),
    name: bytes,
    linkname: bytes,
    sparse: fc.option(fc.constant({ realSize: 9, pieces: [[1, 2]] as const }), {
      nil: undefined,
      freq: 5,
    }),
  },
  { noNullPrototype: true },
);

test("what was added is read again", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
      const table = tableOf(entries);
      assert.equal(table.count, entries.length);
      assert.deepEqual(
        entries.map((_, index) => readBack(table, index)),
        entries,
      );
    }),
    { numRuns: 50 },
  );
});

test("a table of very many entries is cut to size and keeps them all", () => {
  const count = 200_000;
  const nth = (index: number): NewEntry => ({
    headerStart: index * 1024,
    headerLength: 512,
    size: index % 700,
    type: EntryType.file,
    flags: index % 64,
    rawStart: index * 512,
    rawLength: 512,
    name: `usr/share/doc/package-${index}`,
    linkname: index % 3 === 0 ? `target-${index}` : "",
    sparse: undefined,
  });
  const table = tableOf(Array.from({ length: count }, (_, index) => nth(index)));
  for (const column of [table.headerStart, table.type, table.linkLength])
    assert.equal(column.length, count);
  assert.equal(table.names.buffer.byteLength, table.names.byteLength);
  for (let index = 0; index < count; index += 977)
    assert.deepEqual(readBack(table, index), nth(index));
  assert.deepEqual(readBack(table, count - 1), nth(count - 1));
});
