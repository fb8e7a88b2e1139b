import type { DeadWeight } from "@wharf/image";

import { countText } from "./count-text.ts";
import { sizeText } from "./size-text.ts";
import { textTable } from "./text-table.ts";
import type { Column } from "./text-table.ts";

const COLUMNS: readonly Column[] = [
  { title: "DEAD WEIGHT", align: "right" },
  { title: "IN LAYER", align: "right" },
  { title: "HIDDEN BY", align: "right" },
  { title: "PATH", align: "left", keep: "end" },
];

/**
 * The largest bytes no container can see, by path.
 *
 * @param limit rows to show; the rest is told in one line
 */
export function deadWeightLines(
  deadWeight: readonly DeadWeight[],
  limit: number,
  width: number,
): string[] {
  if (deadWeight.length === 0) return ["No dead weight: nothing is deleted or replaced."];
  const rows = deadWeight
    .slice(0, limit)
    .map(({ bytes, layer, hiddenBy, path }) => [
      sizeText(bytes),
      String(layer),
      String(hiddenBy),
      `/${path}`,
    ]);
  const rest = deadWeight.slice(limit);
  const lines = textTable(COLUMNS, rows, width);
  if (rest.length === 0) return lines;
  const restBytes = rest.reduce((sum, { bytes }) => sum + bytes, 0);
  return [...lines, `and ${countText(rest.length, "more path")} with ${sizeText(restBytes)}`];
}
