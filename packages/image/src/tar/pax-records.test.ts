import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { ImageError } from "../image-error.ts";
import { formatPaxRecords, parsePaxRecords } from "./pax-records.ts";
import type { PaxRecord } from "./pax-records.ts";

const parse = (text: string): PaxRecord[] => parsePaxRecords(Buffer.from(text, "latin1"));

test("a length counts its own digits", () => {
  const lengths = [3, 4, 5, 92, 93, 94, 95, 96, 990, 991, 992, 993, 9_990, 99_990];
  for (const length of lengths) {
    const formatted = formatPaxRecords([{ key: "k", value: "v".repeat(length) }]).toString();
    assert.equal(Number.parseInt(formatted, 10), formatted.length, `a value of ${length} bytes`);
  }
  assert.equal(formatPaxRecords([{ key: "path", value: "a" }]).toString(), "9 path=a\n");
});

test("values hold newlines, equals signs, NULs and bytes that are no text", () => {
  const records = [
    { key: "SCHILY.xattr.user.a", value: "1\n2=3\0\xff" },
    { key: "path", value: "\xc3\xa4/\xe4" },
    { key: "comment", value: "" },
  ];
  assert.deepEqual(parsePaxRecords(formatPaxRecords(records)), records);
});

test("records keep their order, also equal keys", () => {
  assert.deepEqual(parse("6 a=1\n6 b=2\n6 a=3\n"), [
    { key: "a", value: "1" },
    { key: "b", value: "2" },
    { key: "a", value: "3" },
  ]);
});

test("leading zeros and what follows a NUL do not matter", () => {
  assert.deepEqual(parse("0009 a=1\n\0\0\0"), [{ key: "a", value: "1" }]);
  assert.deepEqual(parse(""), []);
});

test("malformed records are refused", () => {
  const malformed = {
    "no length": "path=a\n",
    "a length that is no number": "1x path=a\n",
    "a negative length": "-9 path=a\n",
    "a hexadecimal length": "0x9 path=a\n",
    "no space": "8path=a\n",
    "no newline": "9 path=ab",
    "a length that is too long": "11 path=a\n",
    "a length that is too short": "8 path=a\n",
    "a length of nothing": "0 a=b\n",
    "a length that ends before the key": "2 a=b\n",
    "more digits than any length has": "00000000009 path=a\n",
    "no equals sign": "7 path\n",
    "an empty key": "5 =a\n",
    "an equals sign in the next record": "7 path\n6 a=b\n",
    "text behind the last record": "6 a=b\nx",
  };
  for (const [what, text] of Object.entries(malformed)) {
    assert.throws(() => parse(text), { name: "ImageError", code: "damaged" }, what);
  }
});

test("records of any bytes survive a round trip", () => {
  const bytes = fc
    .uint8Array({ maxLength: 1200 })
    .map((array) => Buffer.from(array).toString("latin1"));
  const key = bytes.filter((text) => text !== "" && !text.includes("="));
  fc.assert(
    fc.property(
      fc.array(fc.record({ key, value: bytes }, { noNullPrototype: true }), { maxLength: 5 }),
      (records) => {
        assert.deepEqual(parsePaxRecords(formatPaxRecords(records)), records);
      },
    ),
  );
});

test("any text gives records or an ImageError", () => {
  const text = fc.string({ unit: fc.constantFrom(..."0123456789 =ab\n\0"), maxLength: 40 });
  fc.assert(
    fc.property(text, (data) => {
      try {
        for (const { key } of parse(data)) assert.notEqual(key, "");
      } catch (error) {
        assert.ok(error instanceof ImageError);
      }
    }),
    { numRuns: 500 },
  );
});
