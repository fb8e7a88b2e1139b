import assert from "node:assert/strict";
import { test } from "node:test";

import type { CommandEntry } from "../command-entry.ts";
import { COMMAND_GROUPS, COMMANDS } from "../command-table.ts";
import { displayWidth } from "./display-width.ts";
import { helpText } from "./help-text.ts";
import { groupText, overviewText } from "./overview-text.ts";

for (const { name, summary, load } of COMMANDS) {
  test(`the page of ${name} fits the terminal and names every flag`, async () => {
    const { help } = await load();
    for (const width of [80, 100, 200]) {
      for (const line of helpText(help, width).split("\n"))
        assert.ok(displayWidth(line) <= width, line);
    }
    const page = helpText(help, 80);
    for (const flag of help.flagGroups.flatMap(({ flags }) => flags)) {
      assert.ok(page.includes(`--${flag.name}`), flag.name);
    }
    assert.equal(help.command, `wharf ${name}`);
    const group = COMMAND_GROUPS.find((known) => name.startsWith(`${known.name} `));
    const overview = overviewText(COMMANDS, COMMAND_GROUPS, 80);
    assert.ok(overview.includes(group?.summary ?? summary));
    if (group !== undefined)
      assert.ok(groupText(group.name, membersOf(group.name), 80).includes(summary));
  });

  test(`${name} gives no flag twice`, async () => {
    const { help } = await load();
    const flags = help.flagGroups.flatMap((group) => group.flags);
    const names = flags.flatMap((flag) => [
      flag.name,
      ...(flag.short === undefined ? [] : [flag.short]),
    ]);
    assert.equal(new Set(names).size, names.length);
  });
}

test("examples come before flags", async () => {
  const squash = COMMANDS.find(({ name }) => name === "squash");
  const page = helpText((await squash?.load())?.help ?? assert.fail("no squash"), 80);
  assert.ok(page.indexOf("Examples:") < page.indexOf("--output"));
});

function membersOf(group: string): readonly CommandEntry[] {
  return COMMANDS.filter(({ name }) => name.startsWith(`${group} `));
}
