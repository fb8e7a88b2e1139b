import type { SquashReport } from "@wharf/image";

import { changeText } from "./change-text.ts";
import { countText } from "./count-text.ts";
import { sizeText } from "./size-text.ts";

/**
 * What a squash did, in one line: `python:2.7.11  12 layers, 676 MB -> 2 layers, 600 MB (-11 %)`.
 *
 * @param label which image
 */
export function summaryLine(label: string, report: SquashReport): string {
  const { layersBefore, layersAfter, bytesBefore, bytesAfter } = report;
  const before = `${countText(layersBefore, "layer")}, ${sizeText(bytesBefore)}`;
  if (layersBefore === layersAfter && bytesBefore === bytesAfter)
    return `${label}  ${before}: nothing to squash, written as it is`;
  const after = `${countText(layersAfter, "layer")}, ${sizeText(bytesAfter)}`;
  return `${label}  ${before} -> ${after} (${changeText(bytesBefore, bytesAfter)})`;
}
