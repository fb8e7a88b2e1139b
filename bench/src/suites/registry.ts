import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { cacheRoot } from "../cache-root.ts";
import { atMost } from "../goal.ts";
import type { Goal } from "../goal.ts";
import { megabytes, table } from "../markdown.ts";
import { atLeast, compare, comparisonTable, goalOf } from "../registry-cases/comparison.ts";
import type { Comparison } from "../registry-cases/comparison.ts";
import { copyCases } from "../registry-cases/copies.ts";
import { measureWork } from "../registry-cases/figure.ts";
import type { Figure } from "../registry-cases/figure.ts";
import { pushFixture } from "../registry-cases/fixture.ts";
import type { Fixture } from "../registry-cases/fixture.ts";
import {
  FIRST_BATCH,
  LAST_BATCH,
  MANIFESTS,
  pushManyTags,
  referrersCase,
  tagCases,
} from "../registry-cases/many-tags.ts";
import { manifestPath, readCases, requests, SECONDS } from "../registry-cases/reads.ts";
import type { RegistryCase } from "../registry-cases/registry-case.ts";
import { writeCases } from "../registry-cases/writes.ts";
import type { SuiteResult } from "../report.ts";
import { runTool } from "../run-tool.ts";
import { DOCKER_REGISTRY_BASIC, startDockerRegistry } from "../servers/docker-registry.ts";
import { processUsage } from "../servers/process-usage.ts";
import type { Server } from "../servers/server.ts";
import { startWharf, WHARF_BASIC } from "../servers/wharf-server.ts";
import type { SuiteOptions } from "../suite.ts";
import { median } from "../summary.ts";

const PORTS = { wharf: 5981, dockerRegistry: 5982, htpasswd: 5983 };
const BASIC = "manifest GET by tag with Basic, c16";
const ANONYMOUS = "manifest GET by tag, c16";
/** How much the rate of the last thousand may be below that of the first: what it moves by from run to run. */
const NO_SLOWER = 0.9;
const IDLE_BYTES = 120e6;
const PEAK_BYTES = 400e6;
const START_SECONDS = 1;

interface Memory {
  readonly server: Server["name"];
  readonly idleBytes: number;
  readonly peakBytes: number;
}

/**
 * The server against Debian's docker-registry. Long because it is one run: both serve the same images all the time, and
 * what one case leaves behind is what the next one meets.
 */
export async function registrySuite({ rounds, only, say }: SuiteOptions): Promise<SuiteResult> {
  const folder = join(cacheRoot, "registry");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const version = await runTool("docker-registry", ["--version"]);
  const starts = await measureStarts(folder, rounds, say);

  await using wharf = await startWharf(folder, PORTS.wharf);
  await using peer = await startDockerRegistry(folder, PORTS.dockerRegistry);
  await using withPasswords = await startDockerRegistry(folder, PORTS.htpasswd, "htpasswd");
  const servers: readonly Server[] = [wharf, peer];
  await setTimeout(5000);
  const idle = await Promise.all(servers.map(({ pid }) => processUsage(pid)));

  say("pushing what is read");
  const fixture = await pushFixture(servers);
  const isWanted = ({ name }: Pick<RegistryCase, "name">): boolean =>
    only === undefined || name.includes(only);
  const tell = (figure: Figure): void => say(lineOf(figure));
  const run = async (cases: readonly RegistryCase[], times: number): Promise<Figure[]> =>
    await runCases(cases.filter(isWanted), servers, fixture, times, tell);

  const [byTag, ...otherReads] = readCases;
  const reads = [...(byTag === undefined ? [] : [byTag]), basicCase(withPasswords), ...otherReads];
  const cases = [...reads, ...writeCases, ...copyCases];
  const figures = await run(cases, rounds);
  const areTagsWanted = isWanted({ name: MANIFESTS });
  const withTags = [...(areTagsWanted ? tagCases : []), referrersCase()];
  if (areTagsWanted) figures.push(...(await pushManyTags(servers, tell)));
  figures.push(...(await runCases(withTags, servers, fixture, rounds, tell)));

  const used = await Promise.all(servers.map(({ pid }) => processUsage(pid)));
  const memory = servers.map(({ name }, place): Memory => ({
    server: name,
    idleBytes: idle[place]?.residentBytes ?? 0,
    peakBytes: used[place]?.peakBytes ?? 0,
  }));
  const comparisons = [
    ...cases,
    ...[FIRST_BATCH, LAST_BATCH].map((name): Pick<RegistryCase, "name" | "unit" | "goal"> => ({
      name,
      unit: "requests",
      ...(name === LAST_BATCH ? { goal: 5 } : {}),
    })),
    ...withTags,
  ]
    .filter(({ name }) => figures.some((figure) => figure.case === name))
    .map((one) => compare(one, figures));
  return {
    suite: "registry",
    title: "The server against docker-registry",
    goals: goalsOf(comparisons, memory, starts),
    body: [
      comparisonTable(comparisons),
      memoryTable(memory, starts),
      NOTES.replace("VERSION", version),
    ].join("\n\n"),
    rows: [...figures, ...memory, ...starts],
  };
}

const NOTES =
  "`VERSION` on its filesystem driver, Debian's configuration with deletes; Wharf on SQLite and a folder, log and all as by default. " +
  "Both on one disk, in one run, in turn. Rates are medians; CPU is user and system time of the server's process with its threads, " +
  "for one request (one GiB, one copy), work after the answer included. × is Wharf's rate by docker-registry's, ÷ docker-registry's CPU by Wharf's. p99 is Wharf / docker-registry. " +
  "The client of the reads is `src/load/load.c` on one thread, which takes all bytes; that of the writes is `src/load/connection.ts`. " +
  "Reads are anonymous, writes of Wharf carry a bearer token; docker-registry is open, and for Basic has htpasswd with bcrypt at cost 5.";

/** The same with a password in each request: on Wharf as user, on docker-registry by htpasswd. */
function basicCase(withPasswords: Server): RegistryCase {
  return {
    name: BASIC,
    unit: "requests",
    standIn: (server) => (server.name === "wharf" ? server : withPasswords),
    run: (server) =>
      requests(server, {
        connections: 16,
        seconds: SECONDS,
        paths: [manifestPath("latest")],
        headers: {
          Authorization: server.name === "wharf" ? WHARF_BASIC : DOCKER_REGISTRY_BASIC,
        },
      }),
  };
}

/** Round after round, case after case, one server and then the other. */
async function runCases(
  cases: readonly RegistryCase[],
  servers: readonly Server[],
  fixture: Fixture,
  rounds: number,
  tell: (figure: Figure) => void,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const serversOf = ({ wharfOnly }: RegistryCase): readonly Server[] =>
    servers.filter(({ name }) => name === "wharf" || wharfOnly !== true);
  for (const one of cases) {
    for (const server of serversOf(one)) await one.prepare?.(server, fixture);
  }
  for (let round = 0; round <= rounds; round += 1) {
    for (const one of cases) {
      for (const usual of serversOf(one)) {
        const server = one.standIn?.(usual) ?? usual;
        const run = async () => await one.run(server, fixture, round);
        const figure = await measureWork(one.name, server, round, run);
        if (round === 0) continue; // both are warm only after it
        tell(figure);
        figures.push(figure);
      }
    }
  }
  return figures;
}

interface Start {
  readonly server: Server["name"];
  readonly state: "fresh folder" | "again";
  readonly round: number;
  readonly milliseconds: number;
}

async function measureStarts(
  folder: string,
  rounds: number,
  say: (line: string) => void,
): Promise<Start[]> {
  const starts: Start[] = [];
  const scratch = join(folder, "start");
  for (let round = 0; round <= rounds; round += 1) {
    await mkdir(scratch);
    for (const state of ["fresh folder", "again"] as const) {
      for (const start of [startWharf, startDockerRegistry]) {
        await using server = await start(scratch, PORTS.wharf);
        const milliseconds = server.startMilliseconds;
        if (round === 0) continue; // compiles what later starts find compiled
        say(`round ${round}  ${server.name} starts, ${state}: ${milliseconds.toFixed(0)} ms`);
        starts.push({ server: server.name, state, round, milliseconds });
      }
    }
    await rm(scratch, { recursive: true });
  }
  return starts;
}

function startOf(starts: readonly Start[], server: string, state: Start["state"]): number {
  const some = starts.filter((start) => start.server === server && start.state === state);
  return median(some.map(({ milliseconds }) => milliseconds)) / 1000;
}

function memoryTable(memory: readonly Memory[], starts: readonly Start[]): string {
  const rows = memory.map(({ server, idleBytes, peakBytes }) => [
    server,
    megabytes(idleBytes),
    megabytes(peakBytes),
    startOf(starts, server, "again").toFixed(2),
    startOf(starts, server, "fresh folder").toFixed(2),
  ]);
  return table(["", "idle MB", "peak MB", "start s", "first start s"], rows);
}

function goalsOf(
  comparisons: readonly Comparison[],
  memory: readonly Memory[],
  starts: readonly Start[],
): Goal[] {
  const goals = comparisons.flatMap((comparison) => goalOf(comparison) ?? []);
  const rate = (name: string): number =>
    comparisons.find((comparison) => comparison.name === name)?.wharf.rate ?? Number.NaN;
  const added = (text: string, name: string, base: string, least: number): void => {
    const measured = rate(name) / rate(base);
    if (!Number.isNaN(measured)) goals.push(atLeast(text, measured, least));
  };
  added(
    "manifest PUT: last thousand of 10,000 / first thousand",
    LAST_BATCH,
    FIRST_BATCH,
    NO_SLOWER,
  );
  added("manifest GET: Basic / anonymous", BASIC, ANONYMOUS, 0.7);
  const [wharf] = memory;
  if (wharf !== undefined) {
    goals.push(atMost("memory idle", wharf.idleBytes / 1e6, IDLE_BYTES / 1e6, " MB"));
    goals.push(atMost("memory at peak", wharf.peakBytes / 1e6, PEAK_BYTES / 1e6, " MB"));
  }
  goals.push(
    atMost("start to first answer", startOf(starts, "wharf", "again"), START_SECONDS, " s"),
  );
  goals.push(
    atMost(
      "first start to first answer",
      startOf(starts, "wharf", "fresh folder"),
      START_SECONDS,
      " s",
    ),
  );
  return goals;
}

function lineOf({ load, round, server, case: name, amount, seconds, cpuSeconds }: Figure): string {
  const rate = amount / seconds;
  const text = rate > 1e6 ? `${(rate / 2 ** 20).toFixed(0)} MiB/s` : `${rate.toFixed(1)}/s`;
  const cpu =
    rate > 1e6
      ? `${((cpuSeconds / amount) * 2 ** 30).toFixed(2)} s/GiB`
      : `${((cpuSeconds / amount) * 1e6).toFixed(0)} µs`;
  return `load ${load.toFixed(2)}  round ${round}  ${name}  ${server}: ${text}, CPU ${cpu}`;
}
