import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLogTimes } from "./log-times.ts";

const NOW = Date.parse("2026-11-22T12:00:00.500Z");

function span(starttime?: string, endtime?: string): string {
  const { from, to } = parseLogTimes({ starttime, endtime }, NOW);
  return `${new Date(from).toISOString()} ${new Date(to).toISOString()}`;
}

test("without times it is the day until now", () => {
  assert.equal(span(), "2026-11-21T12:00:00.500Z 2026-11-22T12:00:00.501Z");
  assert.equal(span("", ""), span());
});

test("a day as the end is part of the span", () => {
  assert.equal(
    span("11/01/2026", "11/02/2026"),
    "2026-11-01T00:00:00.000Z 2026-11-03T00:00:00.000Z",
  );
  assert.equal(span("1/2/2026", "1/2/2026"), "2026-01-02T00:00:00.000Z 2026-01-03T00:00:00.000Z");
  assert.equal(span(undefined, "11/02/2026"), "2026-11-02T00:00:00.000Z 2026-11-03T00:00:00.000Z");
});

test("moments are exact, however they are written", () => {
  const expected = "2026-11-01T08:30:00.000Z 2026-11-02T00:00:00.000Z";
  assert.equal(span("11/01/2026 08:30 UTC", "11/02/2026 00:00"), expected);
  assert.equal(span("2026-11-01T08:30:00Z", "2026-11-02T00:00:00.000Z"), expected);
  assert.equal(span("2026-11-01T10:30:00+02:00", "2026-11-02T02:00:00 02:00"), expected);
});

test("what is no time is refused by its name", () => {
  for (const text of [
    "x",
    "13/01/2026",
    "02/30/2026",
    "11/01/26",
    "2026-11-01",
    "11/01/2026 25:00",
    "2026-13-01T00:00:00Z",
  ]) {
    assert.throws(() => span(text), { message: /^starttime: must be a time such as/ }, text);
    assert.throws(() => span(undefined, text), { message: /^endtime: / }, text);
  }
  assert.throws(() => span("11/03/2026", "11/01/2026"), {
    message: "starttime: must not be after endtime",
  });
});
