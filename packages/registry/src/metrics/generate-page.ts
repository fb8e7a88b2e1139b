import { writeFile } from "node:fs/promises";

import { METRICS_PAGE_PATH } from "./metrics-page-path.ts";
import { metricsPage } from "./metrics-page.ts";

/** Writes `docs/metrics.md`. */
await writeFile(METRICS_PAGE_PATH, metricsPage());
