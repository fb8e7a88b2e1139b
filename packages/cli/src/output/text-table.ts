import { displayWidth, fitText } from "./display-width.ts";
import { safeText } from "./safe-text.ts";

/** A column of a {@link textTable}. */
export interface Column {
  readonly title: string;
  /** Numbers stand right. */
  readonly align: "left" | "right";
  /** Which end of a text survives where the line is too short. Only the last column is ever cut. */
  readonly keep?: "start" | "end";
}

const GAP = "  ";
const NARROWEST_LAST_COLUMN = 12;

/**
 * Lays out rows below titles so that lines fit the width: the last column takes what is left and is cut there.
 *
 * @param width characters of a line
 * @returns lines without newlines, cells freed of control characters
 */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => row.map((cell) => safeText(cell))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => displayWidth(line[index] ?? ""))),
  );
  const last = columns.length - 1;
  const taken = widths
    .slice(0, last)
    .reduce((sum, columnWidth) => sum + columnWidth + GAP.length, 0);
  widths[last] = Math.max(NARROWEST_LAST_COLUMN, width - taken);
  return lines.map((line) =>
    columns
      .map(({ align, keep }, index) => {
        const cell =
          index === last
            ? fitText(line[index] ?? "", widths[index] ?? 0, keep)
            : (line[index] ?? "");
        const padding = " ".repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(cell)));
        return align === "right" ? padding + cell : cell + padding;
      })
      .join(GAP)
      .trimEnd(),
  );
}
