import { METHODS } from "node:http";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

import { METRICS } from "./metrics/metric-table.ts";
import type { Metric } from "./metrics/metric-table.ts";
import { registerProcessMetrics } from "./metrics/process-metrics.ts";

/** A request that was answered, or broken off. */
export interface RequestFacts {
  /** Name of the route, from a small fixed set, such as `manifest`; never a path. */
  readonly route: string;
  readonly method: string;
  /** 499 when the client left before the response began. */
  readonly status: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Bytes of the bodies. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export type UploadResult = "committed" | "cancelled" | "refused" | "expired" | "mounted";

/** `joined`: somebody else's was being made already. */
export type CacheResult = "hit" | "miss" | "joined";

/** What a collection has deleted. */
export interface CollectedFacts {
  /** Milliseconds. */
  readonly duration: number;
  /** Given back by the blob store. */
  readonly bytes: number;
  /** How many of each kind; kinds come from a small fixed set, such as `tags` and `blobs`. */
  readonly taken: Readonly<Record<string, number>>;
}

/** Gauges whose value is asked for when somebody looks. */
export type GaugeName = "connections" | "squashCacheBytes" | "jobsWaiting";

const KNOWN_METHODS = new Set(METHODS);

/** More routes than the server has mean that somebody passes paths. */
const MOST_SERIES = 1000;

/**
 * What the server counts of itself. One per server: two servers in a process do not mix. Labels are few and fixed; no
 * repository, account or address ever becomes one.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = counter(METRICS.requests);
  readonly #requestSeconds = histogram(METRICS.requestSeconds);
  readonly #received = counter(METRICS.bytesReceived);
  readonly #sent = counter(METRICS.bytesSent);
  readonly #uploads = counter(METRICS.uploads);
  readonly #squashRequests = counter(METRICS.squashRequests);
  readonly #squashMade = counter(METRICS.squashMade);
  readonly #squashMadeBytes = counter(METRICS.squashMadeBytes);
  readonly #evictions = counter(METRICS.squashCacheEvictions);
  readonly #jobs = counter(METRICS.jobs);
  readonly #jobSeconds = histogram(METRICS.jobSeconds);
  readonly #collections = counter(METRICS.collections);
  readonly #collectionSeconds = histogram(METRICS.collectionSeconds);
  readonly #collected = counter(METRICS.collected);
  readonly #collectedBytes = counter(METRICS.collectedBytes);
  readonly #authFailures = counter(METRICS.authFailures);
  readonly #auditDropped = counter(METRICS.auditDropped);
  /** Series of requests by route, method and status, found without hashing labels anew for each request. */
  readonly #series = new Map<string, RequestSeries>();

  constructor() {
    const own = [
      this.#requests,
      this.#requestSeconds,
      this.#received,
      this.#sent,
      this.#uploads,
      this.#squashRequests,
      this.#squashMade,
      this.#squashMadeBytes,
      this.#evictions,
      this.#jobs,
      this.#jobSeconds,
      this.#collections,
      this.#collectionSeconds,
      this.#collected,
      this.#collectedBytes,
      this.#authFailures,
      this.#auditDropped,
    ];
    for (const metric of own) this.#registry.registerMetric(metric);
    registerProcessMetrics(this.#registry);
  }

  request(facts: RequestFacts): void {
    const series = this.#seriesOf(facts);
    series.requests.inc();
    series.seconds.observe(facts.duration / 1000);
    if (facts.bytesIn > 0) series.received.inc(facts.bytesIn);
    if (facts.bytesOut > 0) series.sent.inc(facts.bytesOut);
  }

  upload(result: UploadResult): void {
    this.#uploads.inc({ result });
  }

  squashRequest(cache: CacheResult): void {
    this.#squashRequests.inc({ cache });
  }

  /** @param bytes of the layer, as far as it was made */
  squashMade(result: "done" | "refused" | "failed", bytes: number): void {
    this.#squashMade.inc({ result });
    this.#squashMadeBytes.inc(bytes);
  }

  squashEvicted(): void {
    this.#evictions.inc();
  }

  /** @param duration milliseconds */
  job(kind: string, result: "done" | "retried" | "dead", duration: number): void {
    this.#jobs.inc({ kind, result });
    this.#jobSeconds.observe({ kind }, duration / 1000);
  }

  collection(facts: CollectedFacts): void {
    this.#collections.inc({ result: "done" });
    this.#collectionSeconds.observe(facts.duration / 1000);
    for (const [kind, count] of Object.entries(facts.taken)) this.#collected.inc({ kind }, count);
    this.#collectedBytes.inc(facts.bytes);
  }

  collectionFailed(): void {
    this.#collections.inc({ result: "failed" });
  }

  authFailure(reason: "password" | "token" | "throttled"): void {
    this.#authFailures.inc({ reason });
  }

  auditDropped(entries: number): void {
    this.#auditDropped.inc(entries);
  }

  /** Shows what `read` answers whenever somebody looks; once for each name. */
  gauge(name: GaugeName, read: () => number | Promise<number>): void {
    const gauge = new Gauge({
      name: METRICS[name].name,
      help: METRICS[name].help,
      registers: [],
      async collect() {
        this.set(await read());
      },
    });
    this.#registry.registerMetric(gauge);
  }

  /** The body of `GET /metrics`, in Prometheus' text format. */
  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #seriesOf({ route, method, status }: RequestFacts): RequestSeries {
    const knownMethod = KNOWN_METHODS.has(method) ? method : "other";
    const statusClass = `${Math.floor(status / 100)}xx`;
    const key = `${route} ${knownMethod} ${statusClass}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const name = this.#series.size < MOST_SERIES ? route : "other";
    const series = {
      requests: this.#requests.labels(name, knownMethod, statusClass),
      seconds: this.#requestSeconds.labels(name),
      received: this.#received.labels(name),
      sent: this.#sent.labels(name),
    };
    if (name === route) this.#series.set(key, series);
    return series;
  }
}

interface RequestSeries {
  readonly requests: { inc(): void };
  readonly seconds: { observe(value: number): void };
  readonly received: { inc(value: number): void };
  readonly sent: { inc(value: number): void };
}

function counter({ name, help, labels }: Metric): Counter {
  return new Counter({ name, help, labelNames: labels, registers: [] });
}

function histogram({ name, help, labels, buckets = [] }: Metric): Histogram {
  return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [] });
}
