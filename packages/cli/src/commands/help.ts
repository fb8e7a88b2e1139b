import type { CommandEntry, CommandGroup } from "../command-entry.ts";
import { commandNamed } from "../command-named.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { helpText } from "../output/help-text.ts";
import { groupText, overviewText } from "../output/overview-text.ts";
import { terminalWidth } from "../output/terminal-width.ts";
import { UsageError } from "../usage-error.ts";

/** `wharf help [COMMAND]`, over the given commands. */
export function helpOn(
  commands: readonly CommandEntry[],
  groups: readonly CommandGroup[],
): Command {
  return {
    help: {
      command: "wharf help",
      summary: "show the overview of all commands, or the page of one",
      usage: ["wharf help [COMMAND]", "wharf COMMAND --help"],
      description: [],
      examples: [
        { title: "Everything about squashing:", command: "wharf help squash" },
        { title: "What an administrator can do:", command: "wharf help admin" },
      ],
      flagGroups: [],
      sections: [],
    },
    async run({ positionals }, { stdout }) {
      const width = terminalWidth(stdout);
      const words = positionals.join(" ");
      // `admin robot token` is a command, and others begin with it.
      const members = commands.some(({ name }) => name === words)
        ? []
        : commands.filter(({ name }) => name.startsWith(`${words} `));
      if (words === "") stdout.write(overviewText(commands, groups, width));
      else if (members.length > 0) stdout.write(groupText(words, members, width));
      else stdout.write(helpText(await pageOf(commands, positionals), width));
      return EXIT.ok;
    },
  };
}

async function pageOf(commands: readonly CommandEntry[], words: readonly string[]) {
  const { command, rest } = await commandNamed(commands, words);
  if (rest.length > 0) throw new UsageError("one command at a time", 'see "wharf help"');
  return command.help;
}
