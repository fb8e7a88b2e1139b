import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { cleanPath } from "./flatten/clean-path.ts";
import { printablePath } from "./printable-path.ts";

const utf8 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

test("UTF-8 is shown as text, other bytes as \\xNN", () => {
  assert.equal(printablePath("etc/passwd"), "etc/passwd");
  assert.equal(printablePath(utf8("größe/日本/😀")), "größe/日本/😀");
  assert.equal(printablePath("b\xe4d"), "b\\xe4d");
  assert.equal(printablePath(`${utf8("ä")}\xff${utf8("日")}\xe6\x97`), "ä\\xff日\\xe6\\x97");
  assert.equal(printablePath("\xc0\xaf"), "\\xc0\\xaf", "an overlong form is no UTF-8");
  assert.equal(printablePath("\xed\xa0\x80"), "\\xed\\xa0\\x80", "a surrogate is no UTF-8");
});

test("what would change the look of a terminal is escaped", () => {
  assert.equal(printablePath("a\nb\x1b[31m\x7f"), "a\\x0ab\\x1b[31m\\x7f");
  assert.equal(printablePath(utf8("\u009b1m")), "\\xc2\\x9b1m");
  assert.equal(printablePath(utf8("gpj.\u202eexe\u2066")), "gpj.\\xe2\\x80\\xaeexe\\xe2\\x81\\xa6");
});

test("whatever the bytes are, the text has no control characters, and tells all bytes apart", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (array) => {
      const path = Buffer.from(array).toString("latin1").replaceAll("\\", "/");
      const shown = printablePath(path);
      assert.ok(!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u.test(shown));
      const parts = shown.split(/(\\x[0-9a-f]{2})/);
      const bytes = parts.map((part) =>
        part.startsWith("\\x") ? Buffer.from(part.slice(2), "hex") : Buffer.from(part, "utf8"),
      );
      assert.equal(Buffer.concat(bytes).toString("latin1"), path);
    }),
    { numRuns: 500 },
  );
});

test("names are cleaned from the root and never lead out of it", () => {
  for (const [name, cleaned] of [
    ["a/b", "a/b"],
    ["./a//b/./c/", "a/b/c"],
    ["/etc/x", "etc/x"],
    ["a/../b", "b"],
    ["../../etc/x", "etc/x"],
    ["a/../..", ""],
    ["./", ""],
    ["", ""],
    ["...", "..."],
    ["a\\..\\b", "a\\..\\b"],
  ] as const) {
    assert.equal(cleanPath(name), cleaned, name);
  }
});
