import type { Administration } from "../accounts/admin/administration.ts";
import { RegistryError } from "../http/registry-error.ts";
import { effectiveQuota, thresholdOf } from "./effective-quota.ts";
import { findRepositoryUsage, findUsage } from "./usage-store.ts";

/**
 * What a deleted repository keeps counts again when it is restored.
 *
 * @throws {RegistryError} `QUOTA_EXCEEDED` when the namespace would use more than it may
 */
export async function expectRoomToRestore(
  { database: { read }, config }: Pick<Administration, "database" | "config">,
  {
    id,
    namespaceId,
    namespace,
  }: {
    readonly id: number;
    readonly namespaceId: number;
    readonly namespace: string;
  },
): Promise<void> {
  const quota = await effectiveQuota(read, config, namespaceId);
  const limit = quota && thresholdOf(quota, "Reject");
  if (limit === undefined) return;
  const used = await findUsage(read, namespaceId);
  const kept = (await findRepositoryUsage(read, [id])).get(id);
  const bytes = (used?.bytes ?? 0) + (used?.addedBytes ?? 0);
  // What was deleted before it was measured is counted when it is back.
  const more = kept === undefined ? 0 : kept.bytes + kept.pendingBytes;
  if (bytes + more <= limit) return;
  throw new RegistryError(
    "QUOTA_EXCEEDED",
    `${namespace} would use more than its quota of ${limit} bytes; delete something else first`,
    { detail: { namespace, used: bytes, limit, more } },
  );
}
