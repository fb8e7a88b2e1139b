import type { NewJob } from "../../jobs/add-job.ts";
import type { PolicyPlace } from "./policy-store.ts";

export const PRUNE_KIND = "tags.prune";

/** So long after a push its repository is pruned, in milliseconds: pushes come in bursts. */
export const PRUNE_DELAY = 2_000;

/** The job that prunes at a place; of several that wait for the same place there is one. */
export function pruneJobOf(place: PolicyPlace, runAt?: number): NewJob {
  const key =
    "namespaceId" in place ? `namespace ${place.namespaceId}` : `repository ${place.repositoryId}`;
  return { kind: PRUNE_KIND, key, payload: place, ...(runAt === undefined ? {} : { runAt }) };
}
