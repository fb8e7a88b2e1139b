import { terminalWidth } from "../../output/terminal-width.ts";
import { textTable } from "../../output/text-table.ts";
import type { Column } from "../../output/text-table.ts";
import type { AdminRun } from "./admin-command.ts";

/**
 * Prints rows below titles; with `--json` the document.
 *
 * @param columns titles in capitals; a text stands left
 */
export function printTable(
  { print, context }: Pick<AdminRun, "print" | "context">,
  document: object,
  columns: readonly (string | Column)[],
  rows: readonly (readonly string[])[],
): void {
  const full = columns.map((column) =>
    typeof column === "string" ? { title: column, align: "left" as const } : column,
  );
  print(document, textTable(full, rows, terminalWidth(context.stdout)));
}
