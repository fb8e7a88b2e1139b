import assert from "node:assert/strict";
import { test } from "node:test";

import { parseFlags } from "../parse-flags.ts";
import { formatReference } from "../transports/reference.ts";
import { UsageError } from "../usage-error.ts";
import { isStandardOutput, squashDestination } from "./squash-destination.ts";
import { SQUASH_HELP } from "./squash-help.ts";
import { squashOptions } from "./squash-options.ts";

const cases: readonly (readonly [line: string, destination: string])[] = [
  ["in", "docker-archive:-"],
  ["in -", "docker-archive:-"],
  ["in --format oci-archive", "oci-archive:-"],
  ["-o /nowhere/out.tar", "docker-archive:/nowhere/out.tar"],
  ["-o /nowhere/out.tar --format oci-archive", "oci-archive:/nowhere/out.tar"],
  ["-o /nowhere/out --format oci", "oci:/nowhere/out"],
  ["-o docker://not/a/registry", "docker-archive:docker://not/a/registry"],
  ["in /nowhere/out.tar", "docker-archive:/nowhere/out.tar"],
  ["in /nowhere/out/", "oci:/nowhere/out/"],
  ["in oci:/nowhere/out:1 --format oci --compression zstd", "oci:/nowhere/out:1"],
  ["in docker-daemon:a:1", "docker-daemon:a:1"],
  ["in docker://h.example/a:1 --compression none", "docker://h.example/a:1"],
];

for (const [line, destination] of cases) {
  test(`${line} goes to ${destination}`, async () => {
    const reference = await destinationOf(line);
    assert.equal(formatReference(reference), destination);
    assert.equal(isStandardOutput(reference), destination.endsWith(":-"));
  });
}

const contradictions: readonly string[] = [
  "in docker-daemon:a:1 --format oci",
  "in oci:/nowhere/out --format docker-archive",
  "in --compression gzip",
  "in docker-daemon:a:1 --compression zstd",
  "in --format oci",
  "in docker-daemon:a:1 -t b:1",
  "in docker://h.example/a:1 -t b:1",
  "in docker-archive:/nowhere/out.tar:a:1 -t b:1",
];

for (const line of contradictions) {
  test(`${line} contradicts itself`, async () => {
    await assert.rejects(destinationOf(line), UsageError);
  });
}

async function destinationOf(line: string) {
  const flags = SQUASH_HELP.flagGroups.flatMap((group) => group.flags);
  return await squashDestination(squashOptions(parseFlags(line.split(" "), flags, "help")));
}
