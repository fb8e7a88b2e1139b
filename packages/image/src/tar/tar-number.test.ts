import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { ImageError } from "../image-error.ts";
import { parseTarNumber, writeTarNumber } from "./tar-number.ts";

function parse(field: string): number {
  return parseTarNumber(Buffer.from(`x${field}x`, "latin1"), 1, field.length, "size");
}

function write(value: number, length: number): Buffer {
  const block = Buffer.alloc(length + 2, 0xee);
  writeTarNumber(block, 1, length, value);
  assert.equal(block[0], 0xee, "the byte before the field");
  assert.equal(block[length + 1], 0xee, "the byte behind the field");
  return block.subarray(1, length + 1);
}

test("octal digits are read with the padding that tars have", () => {
  assert.equal(parse("0000644\0"), 0o644);
  assert.equal(parse("644 \0\0\0\0"), 0o644);
  assert.equal(parse("   644 \0"), 0o644);
  assert.equal(parse("\0\0  644\0"), 0o644, "NULs before the digits, as Go takes them");
  assert.equal(parse("77777777"), 0o77777777, "no end at all");
  assert.equal(parse("777777777777"), 8 ** 12 - 1);
  assert.equal(parse("\0\0\0\0\0\0\0\0"), 0);
  assert.equal(parse("        "), 0);
  assert.equal(parse("12\0garbag"), 0o12, "what follows the NUL is no part of the number");
});

test("what is no octal number is refused by the name of its field", () => {
  for (const field of [
    "0000648\0",
    "12 34\0",
    "-1\0\0\0\0",
    "0x1f\0",
    "abcdefg\0",
    "1.5\0",
    "+7\0",
  ]) {
    assert.throws(
      () => parse(field),
      { name: "ImageError", code: "damaged", message: /size/ },
      field,
    );
  }
});

test("base-256 numbers are read, negative ones too", () => {
  assert.equal(parse("\x80\0\0\0\0\0\0\x01"), 1);
  assert.equal(parse("\x80\0\0\0\0\0\0\0\x02\0\0\0"), 2 ** 25);
  assert.equal(parse("\xff\xff\xff\xff\xff\xff\xff\xff"), -1);
  assert.equal(parse("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"), -256);
  assert.equal(parse(`\x80\0\0\0\0\x1f${"\xff".repeat(6)}`), Number.MAX_SAFE_INTEGER);
});

test("base-256 numbers that are no safe integers are out of range", () => {
  const tooLarge = [
    `\x80\0\0\0\0\x20${"\0".repeat(6)}`,
    `\xbf${"\xff".repeat(11)}`,
    `\xc0${"\0".repeat(11)}`,
  ];
  for (const field of tooLarge) assert.throws(() => parse(field), /size -?\d+ is out of range/);
});

test("numbers are written as octal where they fit, with a NUL behind", () => {
  assert.equal(write(0o644, 8).toString("latin1"), "0000644\0");
  assert.equal(write(0o7777777, 8).toString("latin1"), "7777777\0");
  assert.equal(write(0o10000000, 8)[0], 0x80);
  assert.equal(write(-1, 12).toString("hex"), "ff".repeat(12));
});

test("every safe integer that is written is read again", () => {
  const lengths = fc.constantFrom(8, 12);
  fc.assert(
    fc.property(fc.maxSafeInteger(), lengths, (value, length) => {
      assert.equal(parseTarNumber(write(value, length), 0, length, "size"), value);
    }),
  );
});

test("any bytes give a safe integer or an ImageError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
      try {
        assert.ok(Number.isSafeInteger(parseTarNumber(bytes, 0, 8, "size")));
      } catch (error) {
        assert.ok(error instanceof ImageError);
      }
    }),
  );
});
