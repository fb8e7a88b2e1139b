import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST_EXPIRATION, parseExpiresAfter, tagMarks } from "./tag-marks.ts";

const HOUR = 3_600_000;

test("an expiration is a whole number of a unit, and never more than two years", () => {
  assert.equal(parseExpiresAfter("90s"), 90_000);
  assert.equal(parseExpiresAfter("5m"), 300_000);
  assert.equal(parseExpiresAfter(" 2H "), 2 * HOUR);
  assert.equal(parseExpiresAfter("1d"), 24 * HOUR);
  assert.equal(parseExpiresAfter("2w"), 336 * HOUR);
  assert.equal(parseExpiresAfter("999999999999w"), LONGEST_EXPIRATION);
  for (const text of [
    "",
    "0d",
    "1",
    "d",
    "1.5d",
    "-1d",
    "1y",
    "1 d",
    "9".repeat(13) + "s",
    undefined,
  ]) {
    assert.equal(parseExpiresAfter(text), undefined, String(text));
  }
});

test("what is immutable does not expire", () => {
  const expiring = { "quay.expires-after": "1h" };
  assert.deepEqual(tagMarks(expiring), { expiresAfter: HOUR, isImmutable: false });
  const both = { ...expiring, "quay.immutable": "True" };
  assert.deepEqual(tagMarks(both), { expiresAfter: undefined, isImmutable: true });
  const neither = { expiresAfter: undefined, isImmutable: false };
  assert.deepEqual(tagMarks({ "quay.immutable": "yes" }), neither);
  assert.deepEqual(tagMarks(undefined), neither);
});
