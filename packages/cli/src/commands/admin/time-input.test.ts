import assert from "node:assert/strict";
import { test } from "node:test";

import { parseFlags } from "../../parse-flags.ts";
import { endTime, pastTime } from "./time-input.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const at = (text: string) => parseFlags(["--at", text], [{ name: "at", value: "T", help: "" }], "");

test("a time in the past is a moment, a day or so long ago", () => {
  assert.equal(pastTime(at("2h"), "at", NOW), NOW - 7_200_000);
  assert.equal(pastTime(at("2026-11-21"), "at", NOW), Date.parse("2026-11-21T00:00:00Z"));
  assert.equal(pastTime(at("2026-11-21T11:00+01:00"), "at", NOW), NOW - 7_200_000);
  for (const wrong of ["yesterday", "2026-02-31", "2026-11-21T10:00", "2026-11-21T25:00Z", "1"]) {
    assert.throws(() => pastTime(at(wrong), "at", NOW), { name: "UsageError" }, wrong);
  }
});

test("an end is to come, or never", () => {
  assert.equal(endTime(at("1d"), "at", NOW), NOW + 86_400_000);
  assert.equal(endTime(at("never"), "at", NOW), null);
  assert.equal(endTime(at("2026-11-21T12:00:01Z"), "at", NOW), NOW + 1000);
  for (const wrong of ["0", "2026-11-21", "soon"]) {
    assert.throws(() => endTime(at(wrong), "at", NOW), { name: "UsageError" }, wrong);
  }
});
