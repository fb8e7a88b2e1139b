import type { Command } from "../command.ts";
import type { Flag } from "../flag.ts";
import { HELP_FLAGS } from "../help-flags.ts";
import type { HelpPage } from "../help-page.ts";
import { flagTerm } from "../output/help-text.ts";

/** `docs/cli.md`: the help of all commands as Markdown, from the data that `--help` shows. */
export function cliPage(commands: readonly Command[]): string {
  return [
    "# The wharf command",
    "",
    "Generated from the help of the command by `node packages/cli/src/docs/generate.ts`; a test compares it.",
    "",
    ...commands.map(({ help }) => `- [${help.command}](#${anchor(help.command)}): ${help.summary}`),
    "",
    ...commands.flatMap(({ help }) => commandLines(help)).slice(0, -1),
    "",
  ].join("\n");
}

function commandLines(page: HelpPage): string[] {
  return [
    `## ${page.command}`,
    "",
    `${capitalized(escaped(page.summary))}.`,
    "",
    ...codeLines(page.usage),
    ...page.description.flatMap((paragraph) => [escaped(paragraph), ""]),
    ...exampleLines(page),
    ...page.flagGroups.flatMap(({ title, flags }) => listLines(title, flags.map(flagItem))),
    ...listLines("For every command", HELP_FLAGS.map(flagItem)),
    ...page.sections.flatMap(({ title, rows, intro }) => listLines(title, rows, intro)),
  ];
}

function exampleLines({ examples }: HelpPage): string[] {
  if (examples.length === 0) return [];
  return [
    "### Examples",
    "",
    ...examples.flatMap(({ title, command }) => [escaped(title), "", ...codeLines([command])]),
  ];
}

function codeLines(lines: readonly string[]): string[] {
  return ["```sh", ...lines, "```", ""];
}

function flagItem(flag: Flag): readonly [string, string] {
  return [flagTerm(flag), flag.help];
}

function listLines(
  title: string,
  items: readonly (readonly [term: string, explanation: string])[],
  intro?: string,
): string[] {
  return [
    `### ${title}`,
    "",
    ...(intro === undefined ? [] : [escaped(intro), ""]),
    ...items.map(([term, explanation]) => `- \`${term}\`: ${escaped(explanation)}`),
    "",
  ];
}

/** Markdown would take these for markup. */
function escaped(text: string): string {
  return text.replace(/[\\*_<>|[\]]/g, "\\$&");
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As GitHub and GitLab make them from headings. */
function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll(" ", "-");
}
