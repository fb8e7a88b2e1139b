import type { NewJob } from "../jobs/add-job.ts";

export const USAGE_KIND = "usage.measure";

/**
 * Has a namespace measured; while such a job waits, no second one is added.
 *
 * @param runAt milliseconds since 1970; undefined: at once
 */
export function usageJob(namespaceId: number, runAt?: number): NewJob {
  return {
    kind: USAGE_KIND,
    key: String(namespaceId),
    payload: { namespaceId },
    ...(runAt === undefined ? {} : { runAt }),
  };
}
