// Long because it is one thing: a namespace from its repositories to what it uses.
import { setImmediate } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { Transaction } from "kysely";
import { z } from "zod";
import { findAccountById } from "../accounts/account-store.ts";
import type { AccountRow } from "../accounts/account-store.ts";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { on } from "../events/event-listener.ts";
import type { EventListener } from "../events/event-listener.ts";
import { addJob } from "../jobs/add-job.ts";
import { jobHandler } from "../jobs/job-handler.ts";
import type { JobHandler } from "../jobs/job-handler.ts";
import { notifyAccount, notifyAdmins } from "../notifications/notify-account.ts";
import { findNamespaceOf } from "../repositories/repository-store.ts";
import { DistinctBlobs, sumOf } from "./distinct-blobs.ts";
import { effectiveQuota, thresholdOf } from "./effective-quota.ts";
import type { QuotaConfig } from "./effective-quota.ts";
import { USAGE_KIND, usageJob } from "./usage-job.ts";
import {
  findUsage,
  keptBlobs,
  listRepositoriesOf,
  measureBlobs,
  putRepositoryUsage,
  putUsage,
} from "./usage-store.ts";
import type { Usage } from "./usage-store.ts";

/** Repositories that are measured before what was found is written. */
const PAGE = 100;

/** Measuring takes at most one part in so many of the time. */
const SHARE = 20;

export interface UsageOptions {
  readonly database: Database;
  readonly config: QuotaConfig;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Whatever changes what a namespace uses has it measured soon. @param interval so long after, in milliseconds */
export function usageListeners(interval: number): readonly EventListener[] {
  const soon = async (
    { repositoryId }: { readonly repositoryId: number },
    trx: Transaction<Tables>,
  ): Promise<ReturnType<typeof usageJob> | undefined> => {
    const namespaceId = await findNamespaceOf(trx, repositoryId);
    return namespaceId === undefined ? undefined : usageJob(namespaceId, Date.now() + interval);
  };
  return [
    on("manifest.pushed", soon),
    on("manifest.deleted", soon),
    on("tag.moved", soon),
    on("tag.deleted", soon),
    on("repository.deleted", soon),
    on("repository.restored", soon),
  ];
}

/** @param interval pauses shorter than this are not kept, in milliseconds; 0: none is */
export function usageJobs(options: UsageOptions, interval: number): readonly JobHandler[] {
  /** Until when a namespace that takes long is left alone, by `performance.now()`. */
  const pauses = new LRUCache<number, number>({ max: 1000 });
  return [
    jobHandler({
      kind: USAGE_KIND,
      payload: z.object({ namespaceId: z.number() }),
      run: async ({ namespaceId }, { signal }) => {
        const began = performance.now();
        const pause = (pauses.get(namespaceId) ?? 0) - began;
        if (pause > 0) {
          const later = usageJob(namespaceId, Date.now() + Math.ceil(pause));
          await options.database.transaction((trx) => addJob(trx, later));
          return;
        }
        await measureNamespace(options, namespaceId, signal);
        const ended = performance.now();
        const rest = (ended - began) * SHARE;
        if (interval > 0 && rest > interval) pauses.set(namespaceId, ended + rest);
      },
    }),
  ];
}

/** Measures what a namespace and each of its repositories use; tells its admins when that passes a limit. */
export async function measureNamespace(
  { database, config, now }: UsageOptions,
  namespaceId: number,
  signal?: AbortSignal,
): Promise<Usage | undefined> {
  const { read } = database;
  const account = await findAccountById(read, namespaceId);
  if (account === undefined) return undefined;
  const before = await findUsage(read, namespaceId);
  const measuredAt = now();
  using distinct = new DistinctBlobs();
  for (let after: number | undefined = 0; after !== undefined;) {
    const repositories = await listRepositoriesOf(read, namespaceId, after, PAGE);
    const changed = new Map<number, Usage>();
    for (const repository of repositories) {
      signal?.throwIfAborted();
      const blobs =
        repository.isDeleted === 1
          ? await keptBlobs(read, repository.id)
          : await measureBlobs(read, database.dialect, repository.id, measuredAt);
      distinct.add(blobs);
      const usage = sumOf(blobs);
      const isKnown =
        usage.bytes === repository.bytes && usage.pendingBytes === repository.pendingBytes;
      if (!isKnown) changed.set(repository.id, usage);
      await setImmediate(); // requests get their turn
    }
    if (changed.size > 0) {
      await database.transaction(async (trx) => {
        for (const [id, usage] of changed) await putRepositoryUsage(trx, id, usage, measuredAt);
      });
    }
    after = repositories.length < PAGE ? undefined : repositories.at(-1)?.id;
  }
  const usage = distinct.sum();
  const quota = await effectiveQuota(read, config, namespaceId);
  await database.transaction(async (trx) => {
    await putUsage(trx, namespaceId, usage, before?.addedBytes ?? 0, measuredAt);
    for (const type of ["Warning", "Reject"] as const) {
      const threshold = quota && thresholdOf(quota, type);
      if (threshold === undefined) continue;
      const isPassed = usage.bytes >= threshold && (before?.bytes ?? 0) < threshold;
      if (isPassed) await tell(trx, account, type, measuredAt);
    }
  });
  return usage;
}

/** Quay's kinds of notifications. */
async function tell(
  trx: Transaction<Tables>,
  { id, kind, name }: AccountRow,
  type: "Warning" | "Reject",
  now: number,
): Promise<void> {
  const notice = {
    kind: type === "Warning" ? "quota_warning" : "quota_error",
    metadata: { namespace: name, ...(kind === "organization" ? { organization: name } : {}) },
    about: `quota:${id}`,
  } as const;
  if (kind === "organization") await notifyAdmins(trx, id, notice, now);
  else await notifyAccount(trx, id, notice, now);
}
