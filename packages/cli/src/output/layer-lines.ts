import type { LayerReport } from "@wharf/image";

import { createdByText } from "./created-by-text.ts";
import { numberText } from "./count-text.ts";
import { sizeText } from "./size-text.ts";
import { textTable } from "./text-table.ts";
import type { Column } from "./text-table.ts";

const COLUMNS: readonly Column[] = [
  { title: "LAYER", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "ADDED", align: "right" },
  { title: "CHANGED", align: "right" },
  { title: "HIDDEN", align: "right" },
  { title: "WASTED", align: "right" },
  { title: "CREATED BY", align: "left" },
];

/** The layers of an image as a table: what each brings, changes, hides, and wastes. */
export function layerLines(layers: readonly LayerReport[], width: number): string[] {
  const rows = layers.map((layer) => [
    String(layer.number),
    sizeText(layer.size),
    numberText(layer.added),
    numberText(layer.changed),
    numberText(layer.hidden),
    sizeText(layer.wastedBytes),
    createdByText(layer.createdBy),
  ]);
  return textTable(COLUMNS, rows, width);
}
