import { spawn } from "node:child_process";
import { once } from "node:events";
import { get, Agent } from "node:http";
import { loadavg } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { cloneRoot } from "../cache-root.ts";
import { atMost } from "../goal.ts";
import { table } from "../markdown.ts";
import type { SuiteResult } from "../report.ts";
import type { SuiteOptions } from "../suite.ts";
import { median } from "../summary.ts";

/** Milliseconds that a page may take at the median (issue 4, "Cost"). */
const GOAL = 50;
const DATABASES = ["sqlite", "postgres"] as const;

interface ListRequest {
  readonly path: string;
  readonly by: string;
  readonly authorization?: string;
  /** What the table calls it; undefined: its path. */
  readonly label?: string;
}

/** What `many-rows/serve.ts` tells of itself. */
interface Served {
  readonly url: string;
  /** That filling took. */
  readonly seconds: number;
  readonly requests: readonly ListRequest[];
}

interface Row {
  readonly database: string;
  readonly by: string;
  readonly path: string;
  readonly milliseconds: number;
  readonly load: number;
}

/**
 * Every list of the API over HTTP, one request after the other, with 10,000 repositories, 1,000,000 tag rows and
 * 1,000,000 entries of the audit log; first pages, and where there is one the second.
 */
export async function listsSuite({ rounds, only, say }: SuiteOptions): Promise<SuiteResult> {
  const rows: Row[] = [];
  const filled: string[] = [];
  for (const database of DATABASES) {
    await using server = await startServer(database, say);
    const { url, seconds, requests } = server.served;
    filled.push(`${database} in ${seconds.toFixed(0)} s`);
    const wanted = requests.filter(({ path }) => only === undefined || path.includes(only));
    using agent = new DisposableAgent();
    const pages = await findPages(url, wanted, agent.agent);
    for (let round = 0; round <= rounds * 4; round += 1) {
      for (const page of pages) {
        const { status, milliseconds } = await ask(url, page, agent.agent);
        if (status !== 200) throw new Error(`${page.by} ${page.path} was answered with ${status}`);
        if (round === 0) continue; // finds nothing in memory
        const { by, label: path = page.path } = page;
        rows.push({ database, by, path, milliseconds, load: loadavg()[0] ?? 0 });
      }
    }
    say(`${database}: ${pages.length} pages measured, the slowest at their medians:`);
    for (const [path, time] of slowest(rows, database)) say(`  ${time.toFixed(1)} ms  ${path}`);
  }
  const groups = [...Map.groupBy(rows, ({ by, path }) => `${by} ${path}`)];
  const figures = (some: readonly Row[], database: string): string[] => {
    const times = some.filter((row) => row.database === database).map((row) => row.milliseconds);
    if (times.length === 0) return ["", ""];
    return [median(times).toFixed(1), percentile(times, 0.95).toFixed(1)];
  };
  const worst = (database: string): number =>
    Math.max(
      ...groups.map(([, some]) => {
        const times = some
          .filter((row) => row.database === database)
          .map((row) => row.milliseconds);
        return times.length === 0 ? 0 : median(times);
      }),
    );
  return {
    suite: "lists",
    title: "Lists of the API",
    goals: DATABASES.map((database) =>
      atMost(`slowest list, median, ${database}`, worst(database), GOAL, " ms"),
    ),
    body: [
      table(
        ["who", "list", "SQLite median ms", "p95", "PostgreSQL median ms", "p95"],
        groups.map(([, some]) => [
          some[0]?.by ?? "",
          `\`${some[0]?.path ?? ""}\``,
          ...figures(some, "sqlite"),
          ...figures(some, "postgres"),
        ]),
      ),
      `Filled: ${filled.join(", ")}. Client and server on one machine, one request at a time; load ${Math.min(...rows.map(({ load }) => load)).toFixed(1)} to ${Math.max(...rows.map(({ load }) => load)).toFixed(1)}.`,
    ].join("\n\n"),
    rows,
  };
}

/** Medians of the ten slowest. */
function slowest(rows: readonly Row[], database: string): (readonly [string, number])[] {
  const some = rows.filter((row) => row.database === database);
  return [...Map.groupBy(some, ({ by, path }) => `${by} ${path}`)]
    .map(([path, group]) => [path, median(group.map((row) => row.milliseconds))] as const)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, 10);
}

/** The same lists, and where they go on. */
async function findPages(
  url: string,
  requests: readonly ListRequest[],
  agent: Agent,
): Promise<ListRequest[]> {
  const pages: ListRequest[] = [];
  for (const request of requests) {
    pages.push(request);
    const { body } = await ask(url, request, agent);
    const { next_page: next } = JSON.parse(body) as { readonly next_page?: unknown }; // every list is an object
    if (typeof next !== "string") continue;
    const separator = request.path.includes("?") ? "&" : "?";
    const path = `${request.path}${separator}next_page=${next}`;
    pages.push({ ...request, path, label: `${request.path} (page 2)` });
  }
  return pages;
}

async function ask(
  url: string,
  { path, authorization }: ListRequest,
  agent: Agent,
): Promise<{ readonly status: number; readonly body: string; readonly milliseconds: number }> {
  const began = performance.now();
  const headers = authorization === undefined ? {} : { authorization };
  const request = get(`${url}/api/v1${path}`, { agent, headers });
  const [response] = await once(request, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer); // no encoding was set
  const milliseconds = performance.now() - began;
  return { status: response.statusCode, body: Buffer.concat(chunks).toString(), milliseconds };
}

class DisposableAgent implements Disposable {
  readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  [Symbol.dispose](): void {
    this.agent.destroy();
  }
}

async function startServer(
  database: string,
  say: (line: string) => void,
): Promise<AsyncDisposable & { readonly served: Served }> {
  const script = join(cloneRoot, "packages/registry/src/testing/many-rows/serve.ts");
  const child = spawn(process.execPath, [script, "--database", database], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  say(`filling ${database}`);
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    ended.then(() => {
      throw new Error(`the registry on ${database} has ended`);
    }),
  ]);
  return {
    served: JSON.parse(String(line)) as Served, // serve.ts has written it
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
