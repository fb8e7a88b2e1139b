import type { Transaction } from "kysely";
import type { Database } from "../../database/database.ts";
import type { Tables } from "../../database/tables.ts";

/** An open interval whose time is over. */
export interface ExpiredTag {
  readonly id: number;
  readonly tag: string;
  readonly digest: string;
  readonly expiresAt: number;
  readonly repository: {
    readonly id: number;
    /** As it was called, when it is deleted. */
    readonly name: string;
    readonly namespaceId: number;
    readonly namespace: string;
  };
}

/**
 * The tags that expired first, locked; on PostgreSQL without those that somebody else works on.
 * Index: `tags_expiring`.
 */
export async function lockExpiredTags(
  trx: Transaction<Tables>,
  dialect: Database["dialect"],
  now: number,
  limit: number,
): Promise<ExpiredTag[]> {
  const rows = await trx
    .selectFrom("tags")
    .innerJoin("repositories", "repositories.id", "tags.repository_id")
    .innerJoin("accounts", "accounts.id", "repositories.namespace_id")
    .select(({ fn }) => [
      "tags.id",
      "tags.name as tag",
      "tags.manifest_digest as digest",
      "tags.expires_at as expiresAt",
      "repositories.id as repositoryId",
      fn.coalesce("repositories.deleted_name", "repositories.name").as("repository"),
      "accounts.id as namespaceId",
      "accounts.name as namespace",
    ])
    .where("tags.ended_at", "is", null)
    .where("tags.expires_at", "<=", now)
    .orderBy("tags.expires_at")
    .limit(limit)
    .$if(dialect === "postgres", (query) => query.forUpdate("tags").skipLocked())
    .execute();
  return rows.map(({ id, tag, digest, expiresAt, repositoryId, repository, ...owner }) => ({
    id,
    tag,
    digest,
    expiresAt: expiresAt ?? now,
    repository: { id: repositoryId, name: repository, ...owner },
  }));
}
