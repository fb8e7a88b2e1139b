import type { Platform, SquashReport } from "@wharf/image";

import { changeText } from "./change-text.ts";
import { countText, numberText } from "./count-text.ts";
import { createdByText } from "./created-by-text.ts";
import { deadWeightLines } from "./dead-weight-lines.ts";
import { platformText } from "./image-label.ts";
import { safeText } from "./safe-text.ts";
import { sizeText } from "./size-text.ts";
import { textTable } from "./text-table.ts";
import type { Column } from "./text-table.ts";

const DEAD_WEIGHT_ROWS = 10;

const COLUMNS: readonly Column[] = [
  { title: "LAYER", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "STILL NEEDED", align: "right" },
  { title: "SHARE", align: "right" },
  { title: "", align: "left" },
  { title: "CREATED BY", align: "left" },
];

/** What a plan is about. */
export interface Plan {
  readonly label: string;
  readonly platform: Platform;
  /** Names of the result. */
  readonly names: readonly string[];
  readonly report: SquashReport;
  /** Number of the last layer that is squashed. */
  readonly to: number;
}

/** What a squash would do, for `--dry-run`: sizes, what is left of each layer, the largest dead weight. */
export function planLines(plan: Plan, width: number): string[] {
  const { report, names, to } = plan;
  const { layersBefore, layersAfter, bytesBefore, bytesAfter } = report;
  return [
    `${plan.label} (${platformText(plan.platform)})`,
    `  now     ${countText(layersBefore, "layer")}, ${sizeText(bytesBefore)}`,
    `  then    ${countText(layersAfter, "layer")}, ${sizeText(bytesAfter)} (${changeText(bytesBefore, bytesAfter)})`,
    `  squash  ${squashedLayersText(report, to)}`,
    `  names   ${names.length === 0 ? "none" : names.map((name) => safeText(name)).join(", ")}`,
    "",
    ...layerTable(plan, width),
    "",
    ...deadWeightLines(report.deadWeight, DEAD_WEIGHT_ROWS, width),
  ];
}

/**
 * Which layers are squashed, and which stay: `layers 2 to 12 into one, beside layer 1 as before`.
 *
 * @param to number of the last layer that is squashed
 */
export function squashedLayersText(report: SquashReport, to: number): string {
  const { keptBase, layersBefore: layers } = report;
  const first = keptBase + 1;
  if (first > to) return "nothing: there are less than two layers to squash";
  const kept: string[] = [];
  if (keptBase > 0) kept.push(keptBase === 1 ? "layer 1" : `layers 1 to ${keptBase}`);
  if (to < layers)
    kept.push(to + 1 === layers ? `layer ${layers}` : `layers ${to + 1} to ${layers}`);
  const stay = kept.length === 0 ? "" : `, beside ${kept.join(" and ")} as before`;
  return first === to ? `layer ${to} alone${stay}` : `layers ${first} to ${to} into one${stay}`;
}

function layerTable({ report, to }: Plan, width: number): string[] {
  const rows = report.layers.map(({ number, size, contributedBytes, createdBy }) => {
    const isKept = number <= report.keptBase || number > to;
    return [
      String(number),
      sizeText(size),
      sizeText(contributedBytes),
      size === 0 ? "" : `${Math.floor((contributedBytes / size) * 100)} %`,
      isKept ? "kept" : "",
      createdByText(createdBy),
    ];
  });
  return textTable(COLUMNS, rows, width);
}

/** Exact bytes with their short form: `599,871,488 bytes (600 MB)`. */
export function exactSizeText(bytes: number): string {
  return `${numberText(bytes)} bytes (${sizeText(bytes)})`;
}
