import { readdir } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";

import { PROCESS_METRICS } from "./metric-table.ts";
import type { Metric } from "./metric-table.ts";

/** Adds what Node and the system tell of the process. Asked for when somebody looks: no timer, no observer runs. */
export function registerProcessMetrics(registry: Registry): void {
  const { cpu, residentMemory, startTime, openDescriptors, heapUsed, loopBusy } = PROCESS_METRICS;
  registry.registerMetric(
    total(cpu, () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }),
  );
  registry.registerMetric(total(loopBusy, () => performance.eventLoopUtilization().active / 1000));
  registry.registerMetric(current(residentMemory, () => process.memoryUsage.rss()));
  registry.registerMetric(current(heapUsed, () => process.memoryUsage().heapUsed));
  registry.registerMetric(current(startTime, () => performance.timeOrigin / 1000));
  if (process.platform === "linux") {
    registry.registerMetric(
      current(openDescriptors, async () => (await readdir("/proc/self/fd")).length),
    );
  }
}

/** A counter that the system keeps. */
function total({ name, help }: Metric, read: () => number): Counter {
  return new Counter({
    name,
    help,
    registers: [],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

function current({ name, help }: Metric, read: () => number | Promise<number>): Gauge {
  return new Gauge({
    name,
    help,
    registers: [],
    async collect() {
      this.set(await read());
    },
  });
}
