import assert from "node:assert/strict";
import { test } from "node:test";

import type { Flag } from "./flag.ts";
import { normalizeDashes } from "./normalize-dashes.ts";

const FLAGS: readonly Flag[] = [
  { name: "from", value: "LAYER", help: "" },
  { name: "to", value: "N", help: "" },
  { name: "tag", short: "t", value: "NAME", repeatable: true, help: "" },
  { name: "input", short: "i", value: "FILE", help: "" },
  { name: "verbose", help: "" },
];

const cases: readonly (readonly [typed: string, meant: string])[] = [
  ["-from 3", "--from 3"],
  ["-from=3", "--from=3"],
  ["--from=3", "--from=3"],
  ["-verbose", "--verbose"],
  ["-verbose=true -verbose=1", "--verbose --verbose"],
  ["-verbose=false -verbose=0", ""],
  ["-i in.tar -t a:1", "-i in.tar -t a:1"],
  ["-i=in.tar -t=a:1", "--input=in.tar --tag=a:1"],
  ["-to 2", "--to 2"],
  ["-t -from", "-t -from"],
  ["-from -verbose", "--from -verbose"],
  ["- -from 1", "- --from 1"],
  ["-- -from 1", "-- -from 1"],
  ["-unknown", "-unknown"],
  ["name=with=equals", "name=with=equals"],
  ["-from=a=b", "--from=a=b"],
];

for (const [typed, meant] of cases) {
  test(`${typed} is taken as ${meant === "" ? "nothing" : meant}`, () => {
    assert.equal(normalizeDashes(typed.split(" "), FLAGS).join(" "), meant);
  });
}
