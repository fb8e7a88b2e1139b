import type { CommandEntry } from "../command-entry.ts";
import { textTable } from "./text-table.ts";

/** What `wharf help` shows: all commands in one look. */
export function overviewText(commands: readonly CommandEntry[], width: number): string {
  const rows = commands.map(({ name, summary }) => [`  wharf ${name}`, summary]);
  const [, ...lines] = textTable(
    [
      { title: "", align: "left" },
      { title: "", align: "left" },
    ],
    rows,
    width,
  );
  return [
    "Wharf squashes container images: all layers into one, nothing of them lost.",
    "",
    "Commands:",
    ...lines,
    "",
    "Try it:",
    "  wharf squash python:3.14 docker-daemon:python:small",
    "",
    'Each command has a page: "wharf squash --help".',
    "",
  ].join("\n");
}
