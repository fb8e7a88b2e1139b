import { METRICS, PROCESS_METRICS } from "./metric-table.ts";
import type { Metric } from "./metric-table.ts";

/** `docs/metrics.md`, from the table of all metrics. */
export function metricsPage(): string {
  return [
    "# Metrics",
    "",
    "Generated from the table of metrics by `node packages/registry/src/metrics/generate-page.ts`; a test compares it.",
    "",
    "`GET /metrics` answers the machine itself and superusers in Prometheus' text format. No repository, account or address is ever a label, so the number of series stays small. [Operating](operate.md#metrics) says which to watch.",
    "",
    ...Object.values<Metric>({ ...METRICS, ...PROCESS_METRICS }).map(metricLine),
    "",
  ].join("\n");
}

function metricLine({ name, type, labels, help }: Metric): string {
  const by = labels.length === 0 ? "" : ` by ${labels.map((label) => `\`${label}\``).join(", ")}`;
  return `- \`${name}\` (${type}${by}): ${help}`;
}
