import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "../cache-root.ts";
import { atMost } from "../goal.ts";
import type { BenchImage } from "../images/bench-image.ts";
import { prepareImage } from "../images/prepare-image.ts";
import { interleave } from "../interleave.ts";
import { subjectTable, table } from "../markdown.ts";
import type { SuiteResult } from "../report.ts";
import type { SuiteOptions } from "../suite.ts";
import { summarize } from "../summary.ts";
import { warmUp } from "../warm-up.ts";
import { wharfSquash } from "../wharf-subject.ts";

const IMAGES = ["entries-125k", "entries-250k", "entries-500k", "entries-1000k"];
/** The fit over all sizes; what it costs to start flatters it, so the doublings are looked at one by one as well. */
const MOST_EXPONENT = 1.1;
/** In wall time, which the goal is about, and in CPU seconds, which a busy machine moves less. */
const MOST_PER_DOUBLING = 2.2;

/** Wall time against the number of entries, up to a million. */
export async function entriesSuite({ rounds, peersOnly, say }: SuiteOptions): Promise<SuiteResult> {
  if (peersOnly) throw new Error("the suite entries measures wharf alone");
  const folder = join(cacheRoot, "out");
  await mkdir(folder, { recursive: true });
  const images: BenchImage[] = [];
  for (const name of IMAGES) images.push(await prepareImage(name, say));
  await warmUp(images.map(({ archive }) => archive));
  const output = join(folder, "wharf.tar");
  const subjects = images.map(({ name, archive }) =>
    wharfSquash(name, archive, output, "-from scratch"),
  );
  const rows = await interleave(subjects, rounds, {}, say);
  await rm(folder, { recursive: true, force: true });

  const summaries = summarize(rows);
  const points = summaries.map((summary, index) => ({
    name: summary.subject,
    entries: entriesOf(images[index]),
    seconds: summary.wallMedian,
    cpuSeconds: summary.cpuMedian,
    peak: summary.peakBytes,
  }));
  const perDoubling = (measure: "seconds" | "cpuSeconds"): number =>
    Math.max(
      ...points
        .slice(1)
        .map((point, index) => point[measure] / (points[index]?.[measure] ?? Number.NaN)),
    );
  const goals = [
    atMost("exponent of wall time in entries", exponent(points), MOST_EXPONENT),
    atMost("wall time per doubling of entries, highest", perDoubling("seconds"), MOST_PER_DOUBLING),
    atMost("CPU time per doubling, highest", perDoubling("cpuSeconds"), MOST_PER_DOUBLING),
  ];
  const perEntry = table(
    ["image", "entries", "µs per entry", "bytes of peak memory per entry above the smallest"],
    points.map(({ name, entries, seconds, peak }) => {
      const [first] = points;
      const more =
        first === undefined || entries === first.entries
          ? undefined
          : (peak - first.peak) / (entries - first.entries);
      return [
        name,
        String(entries),
        ((seconds / entries) * 1e6).toFixed(2),
        more === undefined ? "" : more.toFixed(0),
      ];
    }),
  );
  const body = [subjectTable(summaries), perEntry].join("\n\n");
  return { suite: "entries", title: "Time against the number of entries", goals, body, rows };
}

function entriesOf(image: BenchImage | undefined): number {
  return (image?.layers ?? []).reduce((sum, layer) => sum + (layer.entries ?? 0), 0);
}

/** Slope of log(seconds) over log(entries) by least squares: 1 is linear. */
function exponent(points: readonly { entries: number; seconds: number }[]): number {
  const x = points.map(({ entries }) => Math.log(entries));
  const y = points.map(({ seconds }) => Math.log(seconds));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, index) => (value - mx) * ((y[index] ?? my) - my)));
  return covariance / mean(x.map((value) => (value - mx) ** 2));
}
