import assert from "node:assert/strict";
import { test } from "node:test";

import { formatPlatform, hostPlatform, parsePlatform, platformFit } from "./platform.ts";

const fit = (wanted: string, have: string): number =>
  platformFit(parsePlatform(wanted), parsePlatform(have));

test("platforms are read and shown", () => {
  assert.deepEqual(parsePlatform("linux/amd64"), { os: "linux", architecture: "amd64" });
  assert.deepEqual(parsePlatform(" Linux/ARM/v7 "), {
    os: "linux",
    architecture: "arm",
    variant: "v7",
  });
  assert.equal(formatPlatform(parsePlatform("linux/x86_64")), "linux/amd64");
  assert.equal(formatPlatform(parsePlatform("linux/aarch64/v8")), "linux/arm64/v8");
});

test("what is no platform is refused", () => {
  for (const text of ["", "amd64", "linux/", "/amd64", "linux/arm/v7/x", "linux/a b"]) {
    assert.throws(() => parsePlatform(text), { name: "ImageError", code: "invalid-request" }, text);
  }
});

test("the host runs Linux containers", () => {
  assert.equal(hostPlatform().os, "linux");
  assert.notEqual(hostPlatform().architecture, "x64");
});

test("a wish without variant takes the usual one, else the next lower", () => {
  assert.equal(fit("linux/arm64", "linux/amd64"), 0);
  assert.equal(fit("linux/arm64", "linux/arm64"), fit("linux/arm64", "linux/arm64/v8"));
  assert.ok(fit("linux/arm", "linux/arm/v7") > fit("linux/arm", "linux/arm/v6"));
  assert.ok(fit("linux/arm", "linux/arm/v6") > fit("linux/arm", "linux/arm/v5"));
  assert.ok(fit("linux/amd64", "linux/amd64") > fit("linux/amd64", "linux/amd64/v3"));
  assert.ok(fit("linux/amd64", "linux/amd64/v3") > 0);
});

test("a wish with variant takes only that one", () => {
  assert.ok(fit("linux/arm64/v8", "linux/arm64") > 0);
  assert.equal(fit("linux/arm/v6", "linux/arm/v7"), 0);
  assert.equal(fit("linux/arm/v6", "linux/arm"), 0);
});
