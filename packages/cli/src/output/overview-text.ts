import type { CommandEntry, CommandGroup } from "../command-entry.ts";
import { textTable } from "./text-table.ts";

/** What `wharf help` shows: all commands in one look; those of a group are one line. */
export function overviewText(
  commands: readonly CommandEntry[],
  groups: readonly CommandGroup[],
  width: number,
): string {
  const groupOf = ({ name }: CommandEntry): CommandGroup | undefined =>
    groups.find((group) => name.startsWith(`${group.name} `));
  const lines = new Set(commands.map((command) => groupOf(command) ?? command));
  return [
    "Wharf serves container images and squashes them: all layers into one, nothing of them lost.",
    "",
    "Commands:",
    ...commandLines([...lines], "wharf ", width),
    "",
    "Try it:",
    "  wharf serve",
    "  wharf squash python:3.14 docker-daemon:python:small",
    "",
    'Each command has a page: "wharf squash --help".',
    "",
  ].join("\n");
}

/** What `wharf help admin` shows: the commands that begin so. */
export function groupText(group: string, members: readonly CommandEntry[], width: number): string {
  const shortened = members.map(({ name, summary }) => ({
    name: name.slice(group.length + 1),
    summary,
  }));
  return [
    `Commands that begin with "wharf ${group}":`,
    ...commandLines(shortened, "", width),
    "",
    `Each has a page: "wharf ${members[0]?.name ?? group} --help".`,
    "",
  ].join("\n");
}

function commandLines(
  entries: readonly { readonly name: string; readonly summary: string }[],
  prefix: string,
  width: number,
): string[] {
  const [, ...lines] = textTable(
    [
      { title: "", align: "left" },
      { title: "", align: "left" },
    ],
    entries.map(({ name, summary }) => [`  ${prefix}${name}`, summary]),
    width,
  );
  return lines;
}
