import type { CommandEntry } from "../command-entry.ts";
import { commandNamed } from "../command-named.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { helpText } from "../output/help-text.ts";
import { overviewText } from "../output/overview-text.ts";
import { terminalWidth } from "../output/terminal-width.ts";
import { UsageError } from "../usage-error.ts";

/** `wharf help [COMMAND]`, over the given commands. */
export function helpOn(commands: readonly CommandEntry[]): Command {
  return {
    help: {
      command: "wharf help",
      summary: "show the overview of all commands, or the page of one",
      usage: ["wharf help [COMMAND]", "wharf COMMAND --help"],
      description: [],
      examples: [{ title: "Everything about squashing:", command: "wharf help squash" }],
      flagGroups: [],
      sections: [],
    },
    async run({ positionals }, { stdout }) {
      const [name, ...rest] = positionals;
      if (rest.length > 0) throw new UsageError("one command at a time", 'see "wharf help"');
      const width = terminalWidth(stdout);
      const page =
        name === undefined
          ? overviewText(commands, width)
          : helpText((await commandNamed(commands, name)).help, width);
      stdout.write(page);
      return EXIT.ok;
    },
  };
}
