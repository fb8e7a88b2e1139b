import type { Kysely } from "kysely";
import type { Config } from "../config/config.ts";
import type { Tables } from "../database/tables.ts";
import { findQuota } from "./quota-store.ts";
import type { Quota, QuotaLimit } from "./quota-store.ts";

/** What of the configuration quotas look at. */
export interface QuotaConfig {
  readonly registry: Pick<Config["registry"], "defaultQuota">;
}

/** The quota that holds for a namespace, its own or the default of the configuration (id 0), which refuses. */
export async function effectiveQuota(
  db: Kysely<Tables>,
  { registry: { defaultQuota } }: QuotaConfig,
  namespaceId: number,
): Promise<Quota | undefined> {
  const own = await findQuota(db, namespaceId);
  if (own !== undefined || defaultQuota === undefined) return own;
  return { id: 0, limitBytes: defaultQuota, limits: [{ id: 0, type: "Reject", percent: 100 }] };
}

/** From how many bytes on a quota does so, the least of them; undefined: it never does. */
export function thresholdOf(quota: Quota, type: QuotaLimit["type"]): number | undefined {
  const percents = quota.limits
    .filter((limit) => limit.type === type)
    .map(({ percent }) => percent);
  if (percents.length === 0) return undefined;
  return Math.floor((quota.limitBytes / 100) * Math.min(...percents));
}
