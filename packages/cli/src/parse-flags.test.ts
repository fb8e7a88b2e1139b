import assert from "node:assert/strict";
import { test } from "node:test";

import type { Flag } from "./flag.ts";
import { parseFlags } from "./parse-flags.ts";
import { UsageError } from "./usage-error.ts";

const FLAGS: readonly Flag[] = [
  { name: "from", value: "LAYER", help: "" },
  { name: "tag", short: "t", value: "NAME", repeatable: true, help: "" },
  { name: "output", short: "o", value: "FILE", help: "" },
  { name: "verbose", help: "" },
];

test("flags and names may stand in any order", () => {
  const parsed = parse("source -t a:1 -verbose destination --tag=b:2 -from scratch");
  assert.deepEqual(parsed.positionals, ["source", "destination"]);
  assert.deepEqual(parsed.values("tag"), ["a:1", "b:2"]);
  assert.equal(parsed.value("from"), "scratch");
  assert.equal(parsed.on("verbose"), true);
});

test("a flag that is not given has no value", () => {
  const parsed = parse("source");
  assert.deepEqual(parsed.values("tag"), []);
  assert.equal(parsed.value("from"), undefined);
  assert.equal(parsed.on("verbose"), false);
});

test("a single dash is a value and a name", () => {
  const parsed = parse("-o - -");
  assert.equal(parsed.value("output"), "-");
  assert.deepEqual(parsed.positionals, ["-"]);
});

test("after two dashes everything is a name", () => {
  assert.deepEqual(parse("-- -from -verbose").positionals, ["-from", "-verbose"]);
});

test("an unknown flag is an error that guesses what was meant", () => {
  assertUsage("--frm 3", /unknown flag --frm/, /did you mean --from\?/);
  assertUsage("--verbos", /unknown flag --verbos/, /did you mean --verbose\?/);
  assertUsage("--xyzzy", /unknown flag --xyzzy/, /wharf squash --help/);
  assertUsage("-x", /unknown flag -x/, /help/);
});

test("a flag without its value is an error, also when the next flag follows", () => {
  assertUsage("-o", /-o needs a value: -o FILE/);
  assertUsage("-o -t a:1", /-o needs a value/);
  assertUsage("--from=", /value of --from is empty/);
});

test("a value may begin with a dash when it is joined", () => {
  assert.equal(parse("--output=-odd").value("output"), "-odd");
});

test("a value for an on/off flag is an error", () => {
  assertUsage("--verbose=loud", /--verbose takes no value, but got "loud"/);
});

test("names of object members are no flags", () => {
  assertUsage("--constructor", /unknown flag --constructor/);
  assertUsage("--__proto__", /unknown flag --__proto__/);
});

function parse(line: string) {
  return parseFlags(line.split(" "), FLAGS, "wharf squash --help");
}

function assertUsage(line: string, message: RegExp, hint: RegExp = /help/): void {
  assert.throws(
    () => parse(line),
    (error) => error instanceof UsageError && message.test(error.message) && hint.test(error.hint),
  );
}
