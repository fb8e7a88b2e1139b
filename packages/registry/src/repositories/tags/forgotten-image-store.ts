import { sql } from "kysely";
import type { Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Deletes the history of a tag with a manifest. Index: `tags` by (repository_id, name, started_at). @returns how much */
export async function deleteIntervals(
  trx: Transaction<Tables>,
  repositoryId: number,
  tag: string,
  digest: string,
): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom("tags")
    .where("repository_id", "=", repositoryId)
    .where("name", "=", tag)
    .where("manifest_digest", "=", digest)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/**
 * Hides a manifest, locked before, that no tag points to or can be taken back to, and that no index needs that is shown. Indexes:
 * `tags` by (repository_id, manifest_digest), `manifest_children` by (repository_id, child_digest).
 */
export async function hideUnneeded(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: string,
  now: number,
): Promise<void> {
  await sql`update manifests set deleted_at = ${now}, touched_at = ${now}
    where repository_id = ${repositoryId} and digest = ${digest} and deleted_at is null
      and not exists (select 1 from tags where tags.repository_id = manifests.repository_id
        and tags.manifest_digest = manifests.digest)
      and not exists (select 1 from manifest_children link
        join manifests parent on parent.repository_id = link.repository_id
          and parent.digest = link.manifest_digest and parent.deleted_at is null
        where link.repository_id = manifests.repository_id
          and link.child_digest = manifests.digest)`.execute(trx);
}
