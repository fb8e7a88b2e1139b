import type { ProgressEvent } from "@wharf/image";

import { durationText } from "./duration-text.ts";
import type { Reading } from "./progress-meter.ts";
import { sizeText } from "./size-text.ts";

const PHASES: Readonly<Record<ProgressEvent["phase"], string>> = {
  download: "downloading",
  spool: "receiving",
  index: "reading",
  write: "writing",
  upload: "uploading",
  load: "loading",
};

/** Columns are as wide as their widest text, so that nothing moves while the numbers grow. */
const LABEL_WIDTH = 11;
const BAR_WIDTH = 16;

/**
 * One line for a terminal: label, bar, percent, bytes, speed, time left. What does not fit is left out from the right.
 *
 * @param width characters there are; the line is shorter, so that the cursor stays on it
 */
export function progressBarLine(
  phase: ProgressEvent["phase"],
  reading: Reading,
  width: number,
): string {
  const { bytes, total, share, speed, secondsLeft } = reading;
  const parts = [PHASES[phase].padEnd(LABEL_WIDTH)];
  if (share !== undefined && width >= 64) parts.push(bar(share));
  if (share !== undefined) parts.push(`${Math.floor(share * 100)} %`.padStart(5));
  parts.push(
    total === undefined ? sizeText(bytes) : `${sizeText(bytes).padStart(7)} of ${sizeText(total)}`,
  );
  if (speed !== undefined) parts.push(`${sizeText(speed)}/s`.padStart(9));
  if (secondsLeft !== undefined && share !== 1) parts.push(`${durationText(secondsLeft)} left`);
  while (parts.length > 1 && parts.join("  ").length >= width) parts.pop();
  return parts.join("  ").slice(0, width - 1);
}

/** One line for a log: `reading 45 %, 312 MB of 676 MB, 210 MB/s, 2 s left`. */
export function progressLogLine(phase: ProgressEvent["phase"], reading: Reading): string {
  const { bytes, total, share, speed, secondsLeft } = reading;
  const parts = [`${PHASES[phase]} ${share === undefined ? "" : `${Math.floor(share * 100)} %, `}`];
  parts[0] += total === undefined ? sizeText(bytes) : `${sizeText(bytes)} of ${sizeText(total)}`;
  if (speed !== undefined) parts.push(`${sizeText(speed)}/s`);
  if (secondsLeft !== undefined && share !== 1) parts.push(`${durationText(secondsLeft)} left`);
  return parts.join(", ");
}

function bar(share: number): string {
  const filled = Math.floor(share * BAR_WIDTH);
  return `[${"#".repeat(filled)}${"-".repeat(BAR_WIDTH - filled)}]`;
}
