import assert from "node:assert/strict";
import { test } from "node:test";
import { quotaSizeOf, sizeText } from "./quota-size.ts";

test("sizes are taken as Quay takes them", () => {
  for (const [limit, bytes] of [
    ["10 GiB", 10 * 1024 ** 3],
    ["10Gi", 10 * 1024 ** 3],
    ["5 G", 5e9],
    ["500MB", 500e6],
    ["4096", 4096],
    ["4096 B", 4096],
  ] as const) {
    assert.equal(quotaSizeOf({ limit }), bytes, limit);
  }
  assert.equal(quotaSizeOf({ limit: "1 GB", limit_bytes: 7 }), 7);
  assert.equal(quotaSizeOf({}), undefined);
  for (const limit of ["", "0", "-1", "much", "1 XB", "1e9", "9".repeat(40), "GiB"]) {
    assert.throws(() => quotaSizeOf({ limit }), { code: "PARAMETER_INVALID" }, limit);
  }
});

test("sizes are written as Quay writes them", () => {
  assert.equal(sizeText(10 * 1024 ** 3), "10.0 GiB");
  assert.equal(sizeText(1536), "1.5 KiB");
  assert.equal(sizeText(5), "5.0 Byte");
});
