import assert from "node:assert/strict";
import { test } from "node:test";

import { nearNames } from "./near-names.ts";

const THERE = [
  "python:2.7",
  "python:3.12",
  "localhost/web:1",
  "registry.example.com/team/app:2",
  "debian:12",
];

test("other tags of the image come first", () => {
  assert.deepEqual(nearNames("python:2.8", THERE), ["python:2.7", "python:3.12"]);
});

test("a registry or namespace that was left out is found", () => {
  assert.deepEqual(nearNames("app:1", THERE), ["registry.example.com/team/app:2"]);
});

test("a typing error is found, also behind a registry", () => {
  assert.deepEqual(nearNames("debain:12", THERE), ["debian:12"]);
  assert.deepEqual(nearNames("wep:1", THERE), ["localhost/web:1"]);
});

test("nothing is near to something else", () => {
  assert.deepEqual(nearNames("postgres:16", THERE), []);
});

test("at most five are told, and long lists of long names take no time", { timeout: 5000 }, () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `${"a".repeat(5000)}:${index}`);
  assert.equal(nearNames(`${"a".repeat(5000)}:x`, many).length, 5);
});
