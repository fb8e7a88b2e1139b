import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import { effectiveQuota } from "./effective-quota.ts";
import type { QuotaConfig } from "./effective-quota.ts";
import { findQuotaBytes } from "./quota-store.ts";
import { findRepositoryUsage, findUsage } from "./usage-store.ts";

/** How much is used, as Quay's API tells it. */
export interface QuotaReport {
  readonly quota_bytes: number;
  /** Of the namespace; null: no quota. */
  readonly configured_quota: number | null;
  readonly pending_bytes: number;
  readonly running_backfill: "complete" | "waiting";
}

/** What a namespace uses, and may use. */
export async function quotaReport(
  db: Kysely<Tables>,
  namespace: { readonly id: number },
  config: QuotaConfig,
): Promise<QuotaReport> {
  const quota = await effectiveQuota(db, config, namespace.id);
  const usage = await findUsage(db, namespace.id);
  return {
    quota_bytes: usage === undefined ? 0 : usage.bytes + usage.addedBytes,
    configured_quota: quota?.limitBytes ?? null,
    pending_bytes: usage?.pendingBytes ?? 0,
    running_backfill: usage !== undefined && usage.measuredAt > 0 ? "complete" : "waiting",
  };
}

/** The same for some repositories, by their ids; their quota is that of their namespace. */
export async function repositoryReports(
  db: Kysely<Tables>,
  repositories: readonly { readonly id: number; readonly namespaceId: number }[],
  config: QuotaConfig,
): Promise<ReadonlyMap<number, QuotaReport>> {
  const usages = await findRepositoryUsage(
    db,
    repositories.map(({ id }) => id),
  );
  const quotas = await findQuotaBytes(db, [
    ...new Set(repositories.map(({ namespaceId }) => namespaceId)),
  ]);
  const { defaultQuota = null } = config.registry;
  return new Map(
    repositories.map(({ id, namespaceId }) => {
      const usage = usages.get(id);
      return [
        id,
        {
          quota_bytes: usage?.bytes ?? 0,
          configured_quota: quotas.get(namespaceId) ?? defaultQuota,
          pending_bytes: usage?.pendingBytes ?? 0,
          running_backfill: usage === undefined ? "waiting" : "complete",
        },
      ];
    }),
  );
}
