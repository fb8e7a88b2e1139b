import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { COMMANDS } from "../command-table.ts";
import { cliPage } from "./cli-page.ts";
import { CLI_PAGE_PATH } from "./cli-page-path.ts";

test("docs/cli.md says what the command says", async () => {
  const page = cliPage(await Promise.all(COMMANDS.map(({ load }) => load())));
  const written = await readFile(CLI_PAGE_PATH, "utf8");
  assert.equal(written, page, "generate it anew: node packages/cli/src/docs/generate.ts");
});

test("every flag of every command has its line", async () => {
  const commands = await Promise.all(COMMANDS.map(({ load }) => load()));
  const lines = cliPage(commands).split("\n");
  for (const flag of commands.flatMap(({ help }) =>
    help.flagGroups.flatMap(({ flags }) => flags),
  )) {
    assert.ok(
      lines.some((line) => line.startsWith("- `") && line.includes(`--${flag.name}`)),
      flag.name,
    );
  }
});

test("what Markdown would take for markup is escaped", async () => {
  const flags = [{ name: "star", help: "user.* and a_b_c <x>" }];
  const help = {
    command: "c",
    summary: "s",
    usage: [],
    description: [],
    examples: [],
    sections: [],
  };
  const command = {
    help: { ...help, flagGroups: [{ title: "t", flags }] },
    run: async () => 0 as const,
  };
  assert.match(cliPage([command]), /^- `--star`: user\.\\\* and a\\_b\\_c \\<x\\>$/m);
});
