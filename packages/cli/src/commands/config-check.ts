import { problemText } from "@wharf/registry";
import type { Problem } from "@wharf/registry";

import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { writeJson } from "../output/json.ts";
import { safeText } from "../output/safe-text.ts";
import { EXIT_SECTION } from "./help-sections.ts";
import { CONFIG_FLAGS, CONFIG_SECTION, JSON_FLAG } from "./server/server-flags.ts";
import { readServerConfig } from "./server/server-config.ts";

/** `wharf config check`. */
export const configCheck: Command = {
  help: {
    command: "wharf config check",
    summary: "tell everything that is wrong with a configuration",
    usage: ["wharf config check [flags]"],
    description: [
      "Reads the configuration as wharf serve does, with the variables of the environment, and prints one line for each " +
        "problem: file, line and column, the key, and what is wrong. Also looks whether the files and folders that it " +
        "names can be used on this machine. Nothing is started or changed.",
    ],
    examples: [
      {
        title: "Before a restart:",
        command: "wharf config check --config /etc/wharf/wharf.yaml && systemctl restart wharf",
      },
    ],
    flagGroups: [{ title: "Flags", flags: [...CONFIG_FLAGS, JSON_FLAG] }],
    sections: [CONFIG_SECTION, EXIT_SECTION],
  },
  async run(flags, context) {
    const { problems } = await readServerConfig(flags, context);
    if (flags.on("json")) writeJson(context.stdout, documentOf(problems));
    else context.stdout.write(textOf(problems));
    return problems.length === 0 ? EXIT.ok : EXIT.usage;
  },
};

/** What `--json` prints. Fields may be added; none changes its meaning or goes away. */
function documentOf(problems: readonly Problem[]) {
  return {
    schemaVersion: 1,
    problems: problems.map(({ origin, key, message }) => ({
      file: origin?.kind === "file" ? origin.file : null,
      line: origin?.kind === "file" ? origin.line : null,
      column: origin?.kind === "file" ? origin.column : null,
      variable: origin?.kind === "variable" ? origin.name : null,
      key: key ?? null,
      message,
    })),
  };
}

function textOf(problems: readonly Problem[]): string {
  if (problems.length === 0) return "The configuration is fine.\n";
  return problems.map((problem) => `${safeText(problemText(problem))}\n`).join("");
}
