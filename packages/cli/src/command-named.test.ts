import assert from "node:assert/strict";
import { test } from "node:test";

import type { CommandEntry } from "./command-entry.ts";
import { commandNamed } from "./command-named.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";

const COMMANDS: readonly CommandEntry[] = [
  entry("squash"),
  entry("admin gc"),
  entry("admin user"),
  entry("admin user create"),
  entry("admin robot create"),
];

test("the longest name that fits counts, the rest are its arguments", async () => {
  for (const [args, name, rest] of [
    [["squash", "a", "b"], "squash", ["a", "b"]],
    [["admin", "user", "create", "alice"], "admin user create", ["alice"]],
    [["admin", "user", "--json"], "admin user", ["--json"]],
    [["admin", "user", "alice", "create"], "admin user", ["alice", "create"]],
  ] as const) {
    const named = await commandNamed(COMMANDS, args);
    assert.equal(named.command.help.command, name);
    assert.deepEqual(named.rest, rest);
  }
});

test("what is not known is told with the word that was meant", async () => {
  for (const [args, message, hint] of [
    [["squahs"], 'there is no command "squahs"', 'did you mean "wharf squash"? See "wharf help"'],
    [["xyz"], 'there is no command "xyz"', 'see "wharf help"'],
    [["admin"], '"wharf admin" needs to know what to do', 'see "wharf help admin"'],
    [["admin", "robot"], '"wharf admin robot" needs to know what to do', 'see "wharf help admin"'],
    [
      ["admin", "robt", "create"],
      'there is no command "admin robt"',
      'did you mean "wharf admin robot"? See "wharf help admin"',
    ],
    [
      ["admin", "robot", "craete", "x"],
      'there is no command "admin robot craete"',
      'did you mean "wharf admin robot create"? See "wharf help admin"',
    ],
  ] as const) {
    await assert.rejects(commandNamed(COMMANDS, args), (error) => {
      assert.ok(error instanceof UsageError);
      assert.deepEqual([error.message, error.hint], [message, hint]);
      return true;
    });
  }
});

function entry(name: string): CommandEntry {
  const page = { summary: "", usage: [], description: [], examples: [], flagGroups: [] };
  const command: Command = {
    help: { ...page, command: name, sections: [] },
    run: async () => 0 as const,
  };
  return { name, summary: "", load: async () => command };
}
