import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { cacheRoot } from "../cache-root.ts";
import { atMost, atMostRatio } from "../goal.ts";
import type { Goal } from "../goal.ts";
import type { BenchImage } from "../images/bench-image.ts";
import { prepareImage } from "../images/prepare-image.ts";
import { interleave } from "../interleave.ts";
import { LIMIT, limitSubjects } from "../limit-subjects.ts";
import { megabytes, subjectTable } from "../markdown.ts";
import { measure } from "../measure.ts";
import type { Row } from "../measure.ts";
import { peerSubjects } from "../peer-subjects.ts";
import type { SuiteResult } from "../report.ts";
import { checkSameTree } from "../same-tree.ts";
import type { Subject } from "../subject.ts";
import type { SuiteOptions } from "../suite.ts";
import { summarize } from "../summary.ts";
import type { Summary } from "../summary.ts";
import { warmUp } from "../warm-up.ts";
import { wharfSquash } from "../wharf-subject.ts";

const ARCHIVE = "wharf squash -from scratch, archive with plain layers";
const OCI = "wharf squash -from scratch, OCI with gzip layers";
const DEFAULT_FROM = "wharf squash (default -from), archive with plain layers";
const IMAGES = ["python", "files-80k"];
const PEAK_BYTES = 200e6;

/** Squashing against peers and limits, on the image of the blog post's shape and on many small files. */
export async function squashSuite(options: SuiteOptions): Promise<SuiteResult> {
  const goals: Goal[] = [];
  const tables: string[] = [];
  const rows: Row[] = [];
  for (const name of options.images ?? IMAGES) {
    const image = await prepareImage(name, options.say);
    const measured = await measureImage(image, options);
    const summaries = summarize(measured);
    if (!options.peersOnly) goals.push(...goalsOf(name, summaries));
    tables.push(
      `## ${name}: ${facts(image)}`,
      subjectTable(summaries, options.peersOnly ? undefined : ARCHIVE),
    );
    rows.push(...measured.map((row) => ({ ...row, subject: `${name}: ${row.subject}` })));
  }
  tables.push(
    "Input in the page cache, output on the same disk. `wharf` syncs its output to the disk before it gives it its name, the peers and `cp` do not. " +
      "Peak is the largest single process. Load is the average of the last minute before each run, so it holds the runs before it.",
  );
  return {
    suite: "squash",
    title: "Squash against peers and limits",
    goals,
    body: tables.join("\n\n"),
    rows,
  };
}

async function measureImage(image: BenchImage, options: SuiteOptions): Promise<Row[]> {
  if (image.oci === undefined) throw new Error(`${image.name} is needed as OCI layout`);
  const folder = join(cacheRoot, "out");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const ours = options.peersOnly
    ? []
    : [
        wharfSquash(ARCHIVE, image.archive, join(folder, "wharf.tar"), "-from scratch"),
        wharfSquash(OCI, image.oci, join(folder, "wharf.tar"), "-from scratch"),
        wharfSquash(DEFAULT_FROM, image.archive, join(folder, "wharf.tar")),
      ];
  const peers = peerSubjects({ folder: image.oci, tag: image.reference }, image.archive, folder);
  // The limits need a result before the first round: ours, or that of the first peer.
  const result = join(folder, "result.tar");
  const [maker] = [...ours, ...peers];
  if (maker?.output === undefined) throw new Error("nothing makes a result");
  await warmUp([image.archive, ...image.gzipLayers]);
  options.say(`${image.name}: making a result with ${maker.name}`);
  await measure(
    { ...maker, script: maker.script.replaceAll(maker.output, result), output: result },
    0,
    folder,
  );
  if (!options.peersOnly) await checkSameTree(`${image.oci}:${image.reference}`, result, folder);
  const limits = limitSubjects(image.gzipLayers, result, folder);
  const subjects: Subject[] = [...ours, ...limits, ...peers];
  const rows = await interleave(
    subjects,
    options.rounds,
    { peer: options.peerRounds },
    options.say,
  );
  await rm(folder, { recursive: true, force: true });
  return rows;
}

function goalsOf(name: string, summaries: readonly Summary[]): Goal[] {
  const ratio = (
    subject: string,
    limits: readonly string[],
    of: "wallMedian" | "wallMin",
  ): number =>
    find(summaries, subject)[of] /
    limits.reduce((sum, limit) => sum + find(summaries, limit)[of], 0);
  const goal = (text: string, subject: string, limits: readonly string[], most: number): Goal =>
    atMostRatio(
      `${name}: ${text}, wall`,
      ratio(subject, limits, "wallMedian"),
      ratio(subject, limits, "wallMin"),
      most,
    );
  const peak = Math.max(
    ...summaries.filter(({ kind }) => kind === "wharf").map(({ peakBytes }) => peakBytes),
  );
  return [
    goal(
      "archive to archive / (cp + sha256 of the result)",
      ARCHIVE,
      [LIMIT.copy, LIMIT.digest],
      1.6,
    ),
    goal("OCI gzip to archive / gzip -dc of all layers", OCI, [LIMIT.gunzip], 0.6),
    atMost(`${name}: peak memory`, peak / 1e6, PEAK_BYTES / 1e6, " MB"),
  ];
}

function find(summaries: readonly Summary[], subject: string): Summary {
  const found = summaries.find((summary) => summary.subject === subject);
  if (found === undefined) throw new Error(`no rows of ${subject}`);
  return found;
}

function facts(image: BenchImage): string {
  const bytes = image.layers.reduce((sum, layer) => sum + layer.bytes, 0);
  return `${image.layers.length} layers, ${megabytes(bytes)} MB, ${image.id.slice(0, 19)}`;
}
