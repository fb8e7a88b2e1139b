import { z } from "zod";
import { recordAudit, REGISTRY } from "../../audit/record-audit.ts";
import type { RegistryContext } from "../../context.ts";
import type { Database } from "../../database/database.ts";
import { recordEvent } from "../../events/record-event.ts";
import { jobHandler } from "../../jobs/job-handler.ts";
import type { JobHandler } from "../../jobs/job-handler.ts";
import { closeTag } from "../tag-store.ts";
import { lockExpiredTags } from "./expired-tag-store.ts";

const MINUTE = 60_000;

/** Tags of one transaction: others get in between. */
const BATCH = 100;

/** Ends what has expired. Nobody is served it before already; this writes it down. */
export function expireJob({ database, now }: RegistryContext): JobHandler {
  return jobHandler({
    kind: "tags.expire",
    payload: z.object({}),
    every: { milliseconds: MINUTE, payload: {} },
    run: async (_payload, { signal }) => {
      await expireTags(database, now, signal);
    },
  });
}

/** @returns how many tags ended */
export async function expireTags(
  database: Database,
  now: () => number,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  for (;;) {
    signal?.throwIfAborted();
    const ended = await expireBatch(database, now());
    count += ended;
    if (ended < BATCH) return count;
  }
}

async function expireBatch(database: Database, now: number): Promise<number> {
  return database.transaction(async (trx) => {
    const tags = await lockExpiredTags(trx, database.dialect, now, BATCH);
    for (const { id, tag, digest, expiresAt, repository } of tags) {
      await closeTag(trx, id, { at: expiresAt, by: undefined, kind: "expired" });
      await recordEvent(trx, "tag.deleted", {
        repositoryId: repository.id,
        repository: repository.name,
        digest,
        tag,
      });
      const metadata = {
        tag,
        manifest_digest: digest,
        expiration_date: new Date(expiresAt).toISOString(),
      };
      await recordAudit(trx, REGISTRY, { kind: "tag_expired", repository, metadata }, now);
    }
    return tags.length;
  });
}
