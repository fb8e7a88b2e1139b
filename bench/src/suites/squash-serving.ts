import { mkdir, rm } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { cacheRoot } from "../cache-root.ts";
import { atMost } from "../goal.ts";
import type { Goal } from "../goal.ts";
import { prepareImage } from "../images/prepare-image.ts";
import type { BenchImage } from "../images/bench-image.ts";
import { Connection, expect } from "../load/connection.ts";
import { runLoad } from "../load/run-load.ts";
import type { LoadPlan, LoadResult } from "../load/run-load.ts";
import { megabytes, table } from "../markdown.ts";
import { atLeast } from "../registry-cases/comparison.ts";
import { digestOf, MANIFEST_TYPE, pushBlob, pushManifest } from "../registry-cases/fixture.ts";
import type { SuiteResult } from "../report.ts";
import { runTool } from "../run-tool.ts";
import { processUsage } from "../servers/process-usage.ts";
import type { Server } from "../servers/server.ts";
import { startWharf } from "../servers/wharf-server.ts";
import { shellWord } from "../subject.ts";
import type { SuiteOptions } from "../suite.ts";
import { median } from "../summary.ts";

const PORT = 5984;
const REPOSITORY = "admin/python";
const CLIENTS = 8;
const FIRST_BYTE = 50;

const CASE = {
  gunzip: "gzip -dc of all layers, one after the other",
  coldStart: "cold image, server just started",
  cold: "cold image, warm server",
  warm: "squashed image from the cache",
  plain: "plain blob of the same size",
  crowd: `cold image, ${CLIENTS} clients at once`,
  coldManifest: "pull of the squashed tag, cold: manifest",
  coldBlob: "pull of the squashed tag, cold: layer",
  warmManifest: "pull of the squashed tag, warm: manifest",
  warmBlob: "pull of the squashed tag, warm: layer",
} as const;

interface Row {
  readonly case: string;
  readonly round: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly firstByte: number | undefined;
  /** Of the server. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly load: number;
}

/**
 * Squashed downloads of the benchmark image, pushed with gzip layers. Cold is an image whose layers are indexed and whose
 * squash nobody has asked for: each time the same layers under a manifest that differs in an annotation.
 */
export async function squashServingSuite({ rounds, say }: SuiteOptions): Promise<SuiteResult> {
  const image = await prepareImage("python", say);
  const folder = join(cacheRoot, "squash-serving");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const rows: Row[] = [];
  const run = new Run(folder, image, rows, say);
  await run.push();
  for (let round = 0; round <= rounds; round += 1) await run.round(round);
  await rm(folder, { recursive: true, force: true });
  return {
    suite: "squash-serving",
    title: "Serving squashed images",
    goals: goalsOf(rows),
    body: [
      `## ${image.name}: ${image.layers.length} layers, ${image.id.slice(0, 19)}`,
      tableOf(rows),
      NOTES,
    ].join("\n\n"),
    rows,
  };
}

const NOTES =
  "Cold is an image whose layers are indexed and whose squash nobody has asked for: the same layers under a manifest with another annotation, pushed for each run. " +
  "First byte is the first byte of the head. The client is `src/load/load.c`, which takes all bytes and throws them away. CPU is user and system time of the server's process with its threads; " +
  "peak is its highest resident memory so far in that round, threads included. The layers are in the page cache.";

/** One server and the image on it. */
class Run {
  readonly #folder: string;
  readonly #image: BenchImage;
  readonly #rows: Row[];
  readonly #say: (line: string) => void;
  #count = 0;
  #plain: string | undefined;

  constructor(folder: string, image: BenchImage, rows: Row[], say: (line: string) => void) {
    this.#folder = folder;
    this.#image = image;
    this.#rows = rows;
    this.#say = say;
  }

  async push(): Promise<void> {
    await using server = await startWharf(this.#folder, PORT);
    await runTool("skopeo", [
      "--insecure-policy",
      "copy",
      "--quiet",
      "--dest-tls-verify=false",
      "--dest-creds",
      server.credentials ?? "",
      `oci:${this.#image.oci}:${this.#image.reference}`,
      `docker://${server.host}/${REPOSITORY}:latest`,
    ]);
    await indexed(server);
  }

  /** Everything once; round 0 warms up and is not kept. */
  async round(round: number): Promise<void> {
    await rm(join(this.#folder, "data", "cache"), { recursive: true, force: true });
    await this.#gunzip(round);
    const unused = await this.#withServer(async (server) => await this.#newTag(server));
    await this.#withServer(async (server) => {
      await this.#fetch(server, round, CASE.coldStart, { paths: [squashPath(unused)] });
      const tag = await this.#newTag(server);
      const cold = await this.#fetch(server, round, CASE.cold, { paths: [squashPath(tag)] });
      this.#plain ??= await pushPlain(server, cold.bytes);
      for (let time = 0; time < 3; time += 1) {
        await this.#fetch(server, round, CASE.warm, { paths: [squashPath(tag)] });
        await this.#fetch(server, round, CASE.plain, { paths: [this.#plain] });
      }
      const crowded = await this.#newTag(server);
      await this.#fetch(server, round, CASE.crowd, {
        paths: [squashPath(crowded)],
        connections: CLIENTS,
        requests: CLIENTS,
      });
      const pulled = await this.#newTag(server);
      await this.#pull(server, round, pulled, CASE.coldManifest, CASE.coldBlob);
      await this.#pull(server, round, pulled, CASE.warmManifest, CASE.warmBlob);
    });
  }

  async #withServer<T>(work: (server: Server) => Promise<T>): Promise<T> {
    await using server = await startWharf(this.#folder, PORT);
    return await work(server);
  }

  async #gunzip(round: number): Promise<void> {
    const [load = 0] = loadavg();
    const layers = this.#image.gzipLayers.map(shellWord).join(" ");
    const began = performance.now();
    await runTool("sh", ["-ec", `for layer in ${layers}; do gzip -dc "$layer" >/dev/null; done`]);
    const seconds = (performance.now() - began) / 1000;
    this.#keep({
      case: CASE.gunzip,
      round,
      seconds,
      bytes: 0,
      firstByte: undefined,
      cpuSeconds: 0,
      peakBytes: 0,
      load,
    });
  }

  /** The image under a new manifest, with its layers indexed. */
  async #newTag(server: Server): Promise<string> {
    const tag = `run-${(this.#count += 1)}`;
    const headers = await server.login([REPOSITORY]);
    using connection = await Connection.open(server.host);
    const path = `/v2/${REPOSITORY}/manifests/latest`;
    const latest = expect(await connection.request("GET", path, headers), 200);
    // The manifest that skopeo has pushed.
    const manifest = JSON.parse(latest.body.toString()) as Record<string, unknown>;
    const other = Buffer.from(
      JSON.stringify({ ...manifest, annotations: { run: `${tag} ${Date.now()}` } }),
    );
    await pushManifest(connection, REPOSITORY, tag, other, headers);
    await indexed(server);
    return tag;
  }

  /** Manifest of the virtual image, and its one layer. */
  async #pull(
    server: Server,
    round: number,
    tag: string,
    manifest: string,
    blob: string,
  ): Promise<void> {
    const path = `/v2/${REPOSITORY}/manifests/${tag}.squash`;
    const headers = { Accept: MANIFEST_TYPE };
    await this.#fetch(server, round, manifest, { paths: [path], headers });
    using connection = await Connection.open(server.host);
    const answer = expect(await connection.request("GET", path, headers), 200);
    // An image manifest, as the registry makes it.
    const { layers } = JSON.parse(answer.body.toString()) as { layers: { digest: string }[] };
    const paths = layers.map(({ digest }) => `/v2/${REPOSITORY}/blobs/${digest}`);
    await this.#fetch(server, round, blob, { paths, requests: paths.length });
  }

  async #fetch(
    server: Server,
    round: number,
    name: string,
    plan: Pick<LoadPlan, "paths"> & Partial<LoadPlan>,
  ): Promise<LoadResult> {
    const [load = 0] = loadavg();
    const before = await processUsage(server.pid);
    const result = await runLoad({ connections: 1, requests: 1, ...plan, host: server.host });
    const after = await processUsage(server.pid);
    const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
    const { seconds, bytes, firstByte } = result;
    this.#keep({
      case: name,
      round,
      seconds,
      bytes,
      firstByte,
      cpuSeconds,
      peakBytes: after.peakBytes,
      load,
    });
    return result;
  }

  #keep(row: Row): void {
    if (row.round === 0) return;
    const first = row.firstByte === undefined ? "" : `, first byte ${row.firstByte.toFixed(1)} ms`;
    this.#say(
      `load ${row.load.toFixed(2)}  round ${row.round}  ${row.case}: ${row.seconds.toFixed(2)} s${first}, CPU ${row.cpuSeconds.toFixed(2)} s, peak ${megabytes(row.peakBytes)} MB`,
    );
    this.#rows.push(row);
  }
}

function squashPath(tag: string): string {
  return `/c1/squash/${REPOSITORY}/${tag}`;
}

/** Waits until the server has indexed what was pushed: then it rests. */
async function indexed(server: Server): Promise<void> {
  let before = -1;
  for (;;) {
    const { cpuSeconds } = await processUsage(server.pid);
    if (cpuSeconds - before < 0.015) return;
    before = cpuSeconds;
    await setTimeout(500);
  }
}

/** @returns the path of a blob with so many bytes */
async function pushPlain(server: Server, size: number): Promise<string> {
  const bytes = Buffer.alloc(size, "not all zeroes");
  const digest = digestOf(bytes);
  const headers = await server.login([REPOSITORY]);
  using connection = await Connection.open(server.host);
  await pushBlob(connection, REPOSITORY, bytes, digest, headers);
  return `/v2/${REPOSITORY}/blobs/${digest}`;
}

function goalsOf(rows: readonly Row[]): Goal[] {
  const of = (name: string): Row[] => rows.filter((row) => row.case === name);
  const seconds = (name: string): number => median(of(name).map((row) => row.seconds));
  const first = (name: string): number => median(of(name).flatMap((row) => row.firstByte ?? []));
  const rate = (name: string): number => median(of(name).map((row) => row.bytes / row.seconds));
  return [
    atMost(
      "first byte of a cold image, server just started",
      first(CASE.coldStart),
      FIRST_BYTE,
      " ms",
    ),
    atMost("first byte of a cold image, warm server", first(CASE.cold), FIRST_BYTE, " ms"),
    atMost("cold image / gzip -dc of all layers", seconds(CASE.cold) / seconds(CASE.gunzip), 0.6),
    atLeast("rate of a warm image / of a plain blob", rate(CASE.warm) / rate(CASE.plain), 0.9),
    atMost(
      `cold image for ${CLIENTS} clients / for one`,
      seconds(CASE.crowd) / seconds(CASE.cold),
      1.5,
    ),
    atMost("memory at peak", Math.max(...rows.map((row) => row.peakBytes)) / 1e6, 400, " MB"),
  ];
}

function tableOf(rows: readonly Row[]): string {
  const lines = Object.values(CASE).map((name) => {
    const some = rows.filter((row) => row.case === name);
    const seconds = median(some.map((row) => row.seconds));
    const bytes = some[0]?.bytes ?? 0;
    const first = some.flatMap((row) => row.firstByte ?? []);
    const loads = some.map(({ load }) => load);
    return [
      name,
      String(some.length),
      Math.min(...some.map((row) => row.seconds)).toFixed(3),
      seconds.toFixed(3),
      bytes === 0 ? "" : megabytes(bytes),
      bytes < 1e6 ? "" : `${(bytes / seconds / 2 ** 20).toFixed(0)} MiB/s`,
      first.length === 0 ? "" : median(first).toFixed(1),
      median(some.map((row) => row.cpuSeconds)).toFixed(2),
      megabytes(Math.max(...some.map((row) => row.peakBytes))),
      `${Math.min(...loads).toFixed(1)}–${Math.max(...loads).toFixed(1)}`,
    ];
  });
  return table(
    ["", "runs", "min s", "median s", "MB", "rate", "first byte ms", "CPU s", "peak MB", "load"],
    lines,
  );
}
