/** A metric as Prometheus shows it. */
export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds, of histograms. */
  readonly buckets?: readonly number[];
}

/** From a blob in memory to a large image; seconds. */
const REQUEST_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 600];
const WORK_SECONDS = [0.01, 0.1, 1, 10, 60, 600];

/** Every metric of our own; `docs/metrics.md` is generated from this table. */
export const METRICS = {
  requests: {
    name: "wharf_http_requests_total",
    type: "counter",
    labels: ["route", "method", "status"],
    help: "Requests that were answered, by route, method and class of status (2xx).",
  },
  requestSeconds: {
    name: "wharf_http_request_duration_seconds",
    type: "histogram",
    labels: ["route"],
    help: "Time from the head of a request to the end of its response.",
    buckets: REQUEST_SECONDS,
  },
  bytesReceived: {
    name: "wharf_http_received_bytes_total",
    type: "counter",
    labels: ["route"],
    help: "Bytes of request bodies.",
  },
  bytesSent: {
    name: "wharf_http_sent_bytes_total",
    type: "counter",
    labels: ["route"],
    help: "Bytes of response bodies.",
  },
  connections: {
    name: "wharf_http_connections",
    type: "gauge",
    labels: [],
    help: "Connections that are open now.",
  },
  uploads: {
    name: "wharf_uploads_total",
    type: "counter",
    labels: ["result"],
    help: "Blob uploads that ended: committed, cancelled, refused, expired; or mounted, which needed none.",
  },
  squashRequests: {
    name: "wharf_squash_requests_total",
    type: "counter",
    labels: ["cache"],
    help: "Squashed layers that were asked for: hit was in the cache, miss was made, joined was being made for somebody else.",
  },
  squashMade: {
    name: "wharf_squash_made_total",
    type: "counter",
    labels: ["result"],
    help: "Squashed layers whose making ended: done, refused, failed.",
  },
  squashMadeBytes: {
    name: "wharf_squash_made_bytes_total",
    type: "counter",
    labels: [],
    help: "Bytes of squashed layers that were made.",
  },
  squashCacheBytes: {
    name: "wharf_squash_cache_bytes",
    type: "gauge",
    labels: [],
    help: "Bytes in the cache of squashed layers.",
  },
  squashCacheEvictions: {
    name: "wharf_squash_cache_evictions_total",
    type: "counter",
    labels: [],
    help: "Squashed layers that left the cache to make room.",
  },
  jobs: {
    name: "wharf_jobs_total",
    type: "counter",
    labels: ["kind", "result"],
    help: "Jobs in the background that ran: done, retried, dead.",
  },
  jobSeconds: {
    name: "wharf_job_duration_seconds",
    type: "histogram",
    labels: ["kind"],
    help: "Time that a job ran.",
    buckets: WORK_SECONDS,
  },
  jobsWaiting: {
    name: "wharf_jobs_waiting",
    type: "gauge",
    labels: [],
    help: "Jobs that are due and wait.",
  },
  collections: {
    name: "wharf_collections_total",
    type: "counter",
    labels: ["result"],
    help: "Collections that ran: done, failed.",
  },
  collectionSeconds: {
    name: "wharf_collection_duration_seconds",
    type: "histogram",
    labels: [],
    help: "Time that a collection ran.",
    buckets: WORK_SECONDS,
  },
  collected: {
    name: "wharf_collected_total",
    type: "counter",
    labels: ["kind"],
    help: "What collections have deleted, by the kinds that `wharf admin gc` reports.",
  },
  collectedBytes: {
    name: "wharf_collected_bytes_total",
    type: "counter",
    labels: [],
    help: "Bytes that collections have freed.",
  },
  authFailures: {
    name: "wharf_auth_failures_total",
    type: "counter",
    labels: ["reason"],
    help: "Logins that failed: password, token, throttled.",
  },
  auditDropped: {
    name: "wharf_audit_dropped_total",
    type: "counter",
    labels: [],
    help: "Entries of the audit log about pulls that were dropped because the database could not keep up.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** What Node and the system tell of the process; names as Prometheus clients use them everywhere. */
export const PROCESS_METRICS = {
  cpu: {
    name: "process_cpu_seconds_total",
    type: "counter",
    labels: [],
    help: "Processor time of the process, user and system.",
  },
  residentMemory: {
    name: "process_resident_memory_bytes",
    type: "gauge",
    labels: [],
    help: "Memory of the process.",
  },
  startTime: {
    name: "process_start_time_seconds",
    type: "gauge",
    labels: [],
    help: "When the process was started, seconds since 1970.",
  },
  openDescriptors: {
    name: "process_open_fds",
    type: "gauge",
    labels: [],
    help: "Open files and connections; on Linux.",
  },
  heapUsed: {
    name: "nodejs_heap_size_used_bytes",
    type: "gauge",
    labels: [],
    help: "Memory that JavaScript uses.",
  },
  loopBusy: {
    name: "nodejs_eventloop_busy_seconds_total",
    type: "counter",
    labels: [],
    help: "Time in which the main thread worked; a rate near 1 means that it is the bottleneck.",
  },
} as const satisfies Readonly<Record<string, Metric>>;
