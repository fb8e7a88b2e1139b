import { z } from "zod";
import type { Actor } from "../../accounts/admin/actor.ts";
import type { Administration } from "../../accounts/admin/administration.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Database } from "../../database/database.ts";
import { addJob } from "../../jobs/add-job.ts";
import { jobHandler } from "../../jobs/job-handler.ts";
import type { JobHandler } from "../../jobs/job-handler.ts";
import { usageJob } from "../../quotas/usage-job.ts";
import { shortName } from "../make-repository.ts";
import { giveUpRepository, isGivenUp } from "./deleted-repository-store.ts";
import { needDeleted, unknownDeleted } from "./grace-period.ts";
import { requireFormerAdmin } from "./require-former-admin.ts";
import { takeApart } from "./take-apart.ts";

const KIND = "repository.purge";

/**
 * Ends a deleted repository before its time: it cannot be restored any more. Its rows go soon after, its blobs with a
 * later collection, unless another repository has them.
 *
 * @throws {RegistryError} `NOT_FOUND`
 */
export async function purgeRepository(
  administration: Administration,
  actor: Actor,
  id: number,
): Promise<void> {
  const { database, now } = administration;
  const { repository } = await needDeleted(administration, id);
  await requireFormerAdmin(administration, actor, repository);
  const isOurs = await database.transaction(async (trx) => {
    if (!(await giveUpRepository(trx, id, now() + 1))) return false;
    const { namespaceId } = repository;
    await addJob(trx, { kind: KIND, key: String(id), payload: { id, namespaceId } });
    const metadata = { repo: shortName(repository), namespace: repository.namespace };
    await recordAudit(trx, actor, { kind: "purge_repo", repository, metadata }, now());
    return true;
  });
  if (!isOurs) throw unknownDeleted();
}

/** Takes apart what was ended before its time. */
export function purgeJobs({ database }: { readonly database: Database }): readonly JobHandler[] {
  return [
    jobHandler({
      kind: KIND,
      payload: z.object({ id: z.number(), namespaceId: z.number() }),
      run: async ({ id, namespaceId }, { signal }) => {
        if (!(await isGivenUp(database.read, id))) return;
        await takeApart((work) => {
          signal.throwIfAborted();
          return database.transaction(work);
        }, id);
        await database.transaction((trx) => addJob(trx, usageJob(namespaceId)));
      },
    }),
  ];
}
