import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "../cache-root.ts";
import { atMost } from "../goal.ts";
import { prepareImage } from "../images/prepare-image.ts";
import { interleave } from "../interleave.ts";
import { subjectTable } from "../markdown.ts";
import type { SuiteResult } from "../report.ts";
import type { Subject } from "../subject.ts";
import type { SuiteOptions } from "../suite.ts";
import { summarize } from "../summary.ts";
import { wharfSquash } from "../wharf-subject.ts";

/** "The same": garbage collection alone moves the peak by a tenth from run to run. */
const MOST_GROWTH = 1.15;
const MOST_BYTES = 200e6;

/** Peak memory against the size of the image: 70 MB, 700 MB, 7 GB. */
export async function memorySuite({ rounds, peersOnly, say }: SuiteOptions): Promise<SuiteResult> {
  if (peersOnly) throw new Error("the suite memory measures wharf alone");
  const folder = join(cacheRoot, "out");
  await mkdir(folder, { recursive: true });
  const output = join(folder, "wharf.tar");
  const plain: Subject[] = [];
  const gzip: Subject[] = [];
  for (const name of ["size-70m", "size-700m", "size-7g"]) {
    const { archive, oci } = await prepareImage(name, say);
    plain.push(wharfSquash(`${name}, plain layers`, archive, output, "-from scratch"));
    if (oci !== undefined)
      gzip.push(wharfSquash(`${name}, gzip layers`, oci, output, "-from scratch"));
  }
  const rows = await interleave([...plain, ...gzip], rounds, {}, say);
  await rm(folder, { recursive: true, force: true });

  const summaries = summarize(rows);
  const peaks = (subjects: readonly Subject[]): number[] =>
    subjects.map(
      ({ name }) => summaries.find(({ subject }) => subject === name)?.peakBytes ?? Number.NaN,
    );
  const growth = (subjects: readonly Subject[]): number => {
    const [smallest = Number.NaN, ...rest] = peaks(subjects);
    return Math.max(...rest) / smallest;
  };
  const goals = [
    atMost(
      "peak memory, highest of all",
      Math.max(...peaks([...plain, ...gzip])) / 1e6,
      MOST_BYTES / 1e6,
      " MB",
    ),
    atMost("plain layers: peak of the larger images / peak at 70 MB", growth(plain), MOST_GROWTH),
    atMost("gzip layers: peak at 700 MB / peak at 70 MB", growth(gzip), MOST_GROWTH),
  ];
  const body = subjectTable(summaries);
  return { suite: "memory", title: "Memory against the size of the image", goals, body, rows };
}
