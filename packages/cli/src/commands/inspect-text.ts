import { changeText } from "../output/change-text.ts";
import { countText } from "../output/count-text.ts";
import { deadWeightLines } from "../output/dead-weight-lines.ts";
import { imageLabel, platformText } from "../output/image-label.ts";
import { layerLines } from "../output/layer-lines.ts";
import { safeText } from "../output/safe-text.ts";
import { sizeText } from "../output/size-text.ts";
import { warningLines } from "../output/warning-lines.ts";
import type { Inspected } from "./inspect.ts";

const DEAD_WEIGHT_ROWS = 10;

/** What `wharf inspect` prints of one image: facts, the table of layers, the dead weight, warnings. */
export function inspectionLines(
  { image, report }: Inspected,
  width: number,
  verbose: boolean,
): string[] {
  const { bytesBefore, bytesAfter, layers, deadWeight, warnings } = report;
  const wasted = Math.max(0, bytesBefore - bytesAfter);
  const rows = verbose ? deadWeight.length : DEAD_WEIGHT_ROWS;
  return [
    `${imageLabel(image)} (${platformText(image.platform)})`,
    ...(image.names.length > 1
      ? [`  names     ${image.names.map((name) => safeText(name)).join(", ")}`]
      : []),
    `  layers    ${countText(layers.length, "layer")}, ${sizeText(bytesBefore)}`,
    `  wasted    ${sizeText(wasted)} that no container sees`,
    `  squashed  ${sizeText(bytesAfter)} (${changeText(bytesBefore, bytesAfter)}) in a single layer`,
    "",
    ...layerLines(layers, width),
    "",
    ...deadWeightLines(deadWeight, rows, width),
    ...(warnings.length === 0 ? [] : ["", ...warningLines(warnings, verbose)]),
  ];
}
