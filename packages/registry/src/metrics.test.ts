import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { METRICS, PROCESS_METRICS } from "./metrics/metric-table.ts";
import { METRICS_PAGE_PATH } from "./metrics/metrics-page-path.ts";
import { metricsPage } from "./metrics/metrics-page.ts";
import { Metrics } from "./metrics.ts";

const REQUEST = { method: "GET", status: 200, duration: 3, bytesIn: 0, bytesOut: 12 };

test("requests are counted by route, method and class of status", async () => {
  const metrics = new Metrics();
  metrics.request({ ...REQUEST, route: "manifest" });
  metrics.request({ ...REQUEST, route: "manifest", status: 206 });
  metrics.request({ ...REQUEST, route: "manifest", status: 404, bytesIn: 5 });
  const { body, contentType } = await metrics.render();
  assert.match(contentType, /^text\/plain/);
  assert.match(
    body,
    /^wharf_http_requests_total\{route="manifest",method="GET",status="2xx"\} 2$/m,
  );
  assert.match(
    body,
    /^wharf_http_requests_total\{route="manifest",method="GET",status="4xx"\} 1$/m,
  );
  assert.match(body, /^wharf_http_sent_bytes_total\{route="manifest"\} 36$/m);
  assert.match(body, /^wharf_http_received_bytes_total\{route="manifest"\} 5$/m);
  assert.match(body, /_duration_seconds_bucket\{le="0.005",route="manifest"\} 3$/m);
});

test("invented methods and countless routes do not make countless series", async () => {
  const metrics = new Metrics();
  for (let index = 0; index < 5000; index += 1) {
    metrics.request({ ...REQUEST, route: `/v2/${index}`, method: `X${index}` });
  }
  const { body } = await metrics.render();
  assert.ok(!body.includes('method="X'));
  assert.ok(body.match(/^wharf_http_requests_total\{/gm)?.length === 1001);
});

test("two servers in a process count for themselves", async () => {
  const [one, other] = [new Metrics(), new Metrics()];
  one.authFailure("password");
  assert.match((await one.render()).body, /^wharf_auth_failures_total\{reason="password"\} 1$/m);
  assert.doesNotMatch((await other.render()).body, /reason="password"/);
});

test("a gauge is asked when somebody looks", async () => {
  const metrics = new Metrics();
  let connections = 3;
  metrics.gauge("connections", () => connections);
  assert.match((await metrics.render()).body, /^wharf_http_connections 3$/m);
  connections = 4;
  assert.match((await metrics.render()).body, /^wharf_http_connections 4$/m);
});

test("a collection counts what it has deleted, in kinds and bytes", async () => {
  const metrics = new Metrics();
  metrics.collection({ duration: 1500, bytes: 600, taken: { tags: 1, blobs: 3 } });
  const { body } = await metrics.render();
  assert.match(body, /^wharf_collected_total\{kind="blobs"\} 3$/m);
  assert.match(body, /^wharf_collected_bytes_total 600$/m);
  assert.match(body, /^wharf_collection_duration_seconds_sum 1\.5$/m);
});

test("every metric of the table is really there", async () => {
  const metrics = new Metrics();
  metrics.gauge("connections", () => 0);
  metrics.gauge("squashCacheBytes", () => 0);
  metrics.gauge("jobsWaiting", () => 0);
  const { body } = await metrics.render();
  for (const { name, type } of Object.values({ ...METRICS, ...PROCESS_METRICS })) {
    if (name !== "process_open_fds" || process.platform === "linux") {
      assert.ok(body.includes(`# TYPE ${name} ${type}\n`), name);
    }
  }
});

test("docs/metrics.md says what the table of metrics says", async () => {
  const written = await readFile(METRICS_PAGE_PATH, "utf8");
  const command = "node packages/registry/src/metrics/generate-page.ts";
  assert.equal(written, metricsPage(), `generate it anew: ${command}`);
});
