import type { Row } from "./measure.ts";

/** What the runs of one subject come to. */
export interface Summary {
  readonly subject: string;
  readonly kind: Row["kind"];
  readonly runs: number;
  readonly wallMin: number;
  readonly wallMedian: number;
  readonly cpuMedian: number;
  /** Highest of all runs. */
  readonly peakBytes: number;
  readonly outputBytes: number | undefined;
  readonly loadMin: number;
  readonly loadMax: number;
}

/** One summary for each subject, in the order of their first rows. */
export function summarize(rows: readonly Row[]): Summary[] {
  return [...Map.groupBy(rows, (row) => row.subject)].map(([subject, runs]) => ({
    subject,
    kind: runs[0]?.kind ?? "peer",
    runs: runs.length,
    wallMin: Math.min(...runs.map((run) => run.wallSeconds)),
    wallMedian: median(runs.map((run) => run.wallSeconds)),
    cpuMedian: median(runs.map((run) => run.cpuSeconds)),
    peakBytes: Math.max(...runs.map((run) => run.peakBytes)),
    outputBytes: runs[0]?.outputBytes,
    loadMin: Math.min(...runs.map((run) => run.load)),
    loadMax: Math.max(...runs.map((run) => run.load)),
  }));
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("no values, so no median");
  return (lower + upper) / 2;
}
