import { dockerArchiveSize } from "@wharf/image";
import type { WrittenImage } from "@wharf/image";

import type { TextStream } from "../command-context.ts";
import { deadWeightLines } from "../output/dead-weight-lines.ts";
import { imageLabel } from "../output/image-label.ts";
import { layerLines } from "../output/layer-lines.ts";
import { exactSizeText, planLines, squashedLayersText } from "../output/plan-lines.ts";
import { summaryLine } from "../output/summary-line.ts";
import { terminalWidth } from "../output/terminal-width.ts";
import { warningLines } from "../output/warning-lines.ts";
import { formatReference } from "../transports/reference.ts";
import type { Reference } from "../transports/reference.ts";
import { isStandardOutput } from "./squash-destination.ts";
import type { Squashed } from "./squash-document.ts";

const VERBOSE_DEAD_WEIGHT_ROWS = 20;

/** What is told when all is done: warnings, then one line for each image, under the name it has now. */
export function resultLines(
  results: readonly Squashed[],
  written: readonly WrittenImage[],
  verbose: boolean,
): string[] {
  const warnings = results.flatMap(({ output }) => output.report.warnings);
  const summaries = results.map(({ image, output }, index) => {
    const { names } = written[index] ?? output;
    return summaryLine(imageLabel({ ...image, names }), output.report);
  });
  return [...warningLines(warnings, verbose), ...summaries];
}

/** What `-verbose` tells of each image before it is written. */
export function verboseLines(results: readonly Squashed[], stream: TextStream): string[] {
  const width = terminalWidth(stream);
  return results.flatMap(({ image, output: { report }, to }) => [
    `${imageLabel(image)}: squashing ${squashedLayersText(report, to)}`,
    ...layerLines(report.layers, width),
    "",
    ...deadWeightLines(report.deadWeight, VERBOSE_DEAD_WEIGHT_ROWS, width),
    "",
  ]);
}

/** What `--dry-run` prints. */
export function planText(
  results: readonly Squashed[],
  destination: Reference,
  stream: TextStream,
): string {
  const width = terminalWidth(stream);
  const lines = results.flatMap(({ image, output, to }) => [
    ...planLines(
      {
        label: imageLabel(image),
        platform: image.platform,
        names: output.names,
        report: output.report,
        to,
      },
      width,
    ),
    "",
    ...warningLines(output.report.warnings, false),
  ]);
  const place = isStandardOutput(destination) ? "standard output" : formatReference(destination);
  const { transport } = destination;
  const outputs = results.map(({ output }) => output);
  // Of an OCI layout only what is not compressed is known before.
  const isArchive = transport === "docker-archive" || transport === "docker-daemon";
  const size = isArchive ? `: ${exactSizeText(dockerArchiveSize(outputs))}` : "";
  return `${[...lines, `Would write to ${place}${size}. Nothing was written.`].join("\n")}\n`;
}
