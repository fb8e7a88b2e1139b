import type { Goal } from "./goal.ts";
import type { Summary } from "./summary.ts";

/**
 * A table of all subjects.
 *
 * @param ratioTo the subject whose median is 1 in the last column; undefined: no such column
 */
export function subjectTable(summaries: readonly Summary[], ratioTo?: string): string {
  const base = summaries.find(({ subject }) => subject === ratioTo)?.wallMedian;
  const rows = summaries.map((summary) => [
    summary.kind,
    summary.subject,
    String(summary.runs),
    summary.wallMin.toFixed(2),
    summary.wallMedian.toFixed(2),
    summary.cpuMedian.toFixed(2),
    megabytes(summary.peakBytes),
    summary.outputBytes === undefined ? "" : megabytes(summary.outputBytes),
    `${summary.loadMin.toFixed(1)}–${summary.loadMax.toFixed(1)}`,
    ...(base === undefined ? [] : [(summary.wallMedian / base).toFixed(2)]),
  ]);
  const ratio = base === undefined ? [] : ["× the first"];
  return table([...TITLES, ...ratio], rows);
}

const TITLES = [
  "",
  "subject",
  "runs",
  "wall min s",
  "wall median s",
  "CPU s",
  "peak MB",
  "output MB",
  "load",
];

/** A table of goals. */
export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => [
    goal.text,
    goal.measured,
    goal.isReached ? "reached" : "**missed**",
  ]);
  return table(["goal", "measured", ""], rows);
}

/** A Markdown table; cells are plain text. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Decimal megabytes, as Docker shows sizes. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0);
}
