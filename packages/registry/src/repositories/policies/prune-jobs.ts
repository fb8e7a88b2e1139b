import { z } from "zod";
import type { RegistryContext } from "../../context.ts";
import { on } from "../../events/event-listener.ts";
import type { EventListener } from "../../events/event-listener.ts";
import { addJobs } from "../../jobs/add-job.ts";
import { jobHandler } from "../../jobs/job-handler.ts";
import type { JobHandler } from "../../jobs/job-handler.ts";
import { PRUNE_DELAY, PRUNE_KIND, pruneJobOf } from "./prune-job-of.ts";
import {
  findPrunedPlaces,
  findPrunedRepository,
  findRepositoriesOf,
  isPruned,
} from "./prune-store.ts";
import { pruneRepository } from "./prune-tags.ts";

const HOUR = 3_600_000;
const PAGE = 200;

/** Soon after a push its repository is pruned, where policies say so. */
export const pruneListeners: readonly EventListener[] = [
  on("manifest.pushed", async ({ repositoryId, tags }, trx) => {
    if (tags.length === 0 || !(await isPruned(trx, repositoryId))) return undefined;
    return pruneJobOf({ repositoryId }, Date.now() + PRUNE_DELAY);
  }),
];

/** Empty: everywhere. A namespace: its repositories, one job each. */
const payload = z.union([
  z.strictObject({ repositoryId: z.int() }),
  z.strictObject({ namespaceId: z.int() }),
  z.strictObject({}),
]);

export function pruneJobs(context: RegistryContext): JobHandler[] {
  return [
    jobHandler({
      kind: PRUNE_KIND,
      payload,
      every: { milliseconds: HOUR, payload: {} },
      run: async (place, { signal }) => {
        if ("repositoryId" in place) await pruneOne(context, place.repositoryId, signal);
        else if ("namespaceId" in place) await pruneNamespace(context, place.namespaceId, signal);
        else await pruneEverywhere(context, signal);
      },
    }),
  ];
}

async function pruneOne(
  { database, now, log }: RegistryContext,
  repositoryId: number,
  signal: AbortSignal,
): Promise<void> {
  const repository = await findPrunedRepository(database.read, repositoryId);
  if (repository === undefined) return;
  const tags = await pruneRepository(database, repository, now, signal);
  if (tags > 0) log.info("tags were pruned by policies", { repository: repository.name, tags });
}

async function pruneNamespace(
  { database }: RegistryContext,
  namespaceId: number,
  signal: AbortSignal,
): Promise<void> {
  let last = 0;
  for (;;) {
    signal.throwIfAborted();
    const page = await findRepositoriesOf(database.read, namespaceId, last, PAGE);
    const jobs = page.map(({ id }) => pruneJobOf({ repositoryId: id }));
    if (jobs.length > 0) await database.transaction((trx) => addJobs(trx, jobs));
    if (page.length < PAGE) return;
    last = page.at(-1)?.id ?? last;
  }
}

async function pruneEverywhere({ database }: RegistryContext, signal: AbortSignal): Promise<void> {
  let after: string | undefined = "";
  while (after !== undefined) {
    signal.throwIfAborted();
    const { places, last } = await findPrunedPlaces(database.read, after, PAGE);
    const jobs = places.map((place) => pruneJobOf(place));
    if (jobs.length > 0) await database.transaction((trx) => addJobs(trx, jobs));
    after = last;
  }
}
