import assert from "node:assert/strict";
import { test } from "node:test";

import { ImageError } from "@wharf/image";

import { parseFlags } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";
import { SQUASH_HELP } from "./squash-help.ts";
import { squashOptions } from "./squash-options.ts";

test("nothing given: a pipe, everything by default", () => {
  const options = parse("");
  assert.equal(options.source, undefined);
  assert.equal(options.destination, undefined);
  assert.deepEqual(options.names, []);
  assert.equal(options.history, "keep");
  assert.equal(options.progress, "auto");
});

test("-i and -o are paths, SOURCE and DESTINATION may be anything", () => {
  assert.deepEqual(parse("-i docker:x -o oci:y").source, { text: "docker:x", isPath: true });
  assert.deepEqual(parse("-i docker:x -o oci:y").destination, { text: "oci:y", isPath: true });
  assert.deepEqual(parse("a b").source, { text: "a", isPath: false });
  assert.deepEqual(parse("a b").destination, { text: "b", isPath: false });
});

test("with -i the only name is the DESTINATION, with -o the SOURCE", () => {
  assert.deepEqual(parse("-i in.tar b").destination, { text: "b", isPath: false });
  assert.deepEqual(parse("-o out.tar a").source, { text: "a", isPath: false });
  assert.deepEqual(parse("-o out.tar a").destination, { text: "out.tar", isPath: true });
});

test("compression kinds and levels", () => {
  assert.deepEqual(parse("--compression none").compression, { kind: "none" });
  assert.deepEqual(parse("--compression gzip").compression, { kind: "gzip", level: 6 });
  assert.deepEqual(parse("--compression gzip:1").compression, { kind: "gzip", level: 1 });
  assert.deepEqual(parse("--compression zstd:19").compression, { kind: "zstd", level: 19 });
  for (const wrong of ["gzip:0", "gzip:10", "zstd:20", "none:1", "xz", "gzip:", "GZIP"]) {
    assert.throws(() => parse(`--compression ${wrong}`), UsageError, wrong);
  }
});

test("names are checked and completed", () => {
  assert.deepEqual(parse("-t a -t h.example:5000/b:2").names, ["a:latest", "h.example:5000/b:2"]);
  assert.throws(() => parse("-t A"), ImageError);
  assert.throws(() => parse(`-t a@sha256:${"0".repeat(64)}`), UsageError);
});

test("--to is a layer number", () => {
  assert.equal(parse("--to 12").to, 12);
  for (const wrong of ["0", "1.5", "1e3", "x", "99999999"])
    assert.throws(() => parse(`--to ${wrong}`), UsageError, wrong);
});

test("--max-layer-size lowers the limit and leaves the others", () => {
  const { limits } = parse("--max-layer-size 20GB");
  assert.equal(limits.layerBytes, 20e9);
  assert.ok(limits.layerEntries > 0);
});

function parse(line: string) {
  const flags = SQUASH_HELP.flagGroups.flatMap((group) => group.flags);
  return squashOptions(
    parseFlags(line === "" ? [] : line.split(" "), flags, "wharf squash --help"),
  );
}
