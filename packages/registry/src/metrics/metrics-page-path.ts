import { fileURLToPath } from "node:url";

/** Where the generated page lies. */
export const METRICS_PAGE_PATH = fileURLToPath(
  new URL("../../../../docs/metrics.md", import.meta.url),
);
