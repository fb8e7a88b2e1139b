import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import type { PolicyPlace } from "./policy-store.ts";
import type { PrunedRepository } from "./prune-tags.ts";

/** Does any auto-prune policy hold for a repository? Indexes: `policies` by (repository_id, kind), (namespace_id, kind). */
export async function isPruned(db: Kysely<Tables>, repositoryId: number): Promise<boolean> {
  const { rows } = await sql<{ pruned: number }>`
    select 1 as pruned from repositories r where r.id = ${repositoryId} and (
      exists (select 1 from policies p where p.repository_id = r.id and p.kind = 'autoprune')
      or exists (
        select 1 from policies p where p.namespace_id = r.namespace_id and p.kind = 'autoprune'))`.execute(
    db,
  );
  return rows.length > 0;
}

/** A page of the places that have auto-prune policies. Primary key. */
export async function findPrunedPlaces(
  db: Kysely<Tables>,
  after: string,
  limit: number,
): Promise<{ readonly places: readonly PolicyPlace[]; readonly last: string | undefined }> {
  const rows = await db
    .selectFrom("policies")
    .select(["uuid", "kind", "namespace_id", "repository_id"])
    .where("uuid", ">", after)
    .orderBy("uuid")
    .limit(limit)
    .execute();
  const places = rows.flatMap((row): PolicyPlace[] => {
    if (row.kind !== "autoprune") return [];
    if (row.namespace_id !== null) return [{ namespaceId: row.namespace_id }];
    return row.repository_id === null ? [] : [{ repositoryId: row.repository_id }];
  });
  return { places, last: rows.length < limit ? undefined : rows.at(-1)?.uuid };
}

/** A page of the repositories of a namespace. Index: `repositories` by namespace_id. */
export async function findRepositoriesOf(
  db: Kysely<Tables>,
  namespaceId: number,
  after: number,
  limit: number,
): Promise<PrunedRepository[]> {
  return repositories(db)
    .where("repositories.namespace_id", "=", namespaceId)
    .where("repositories.id", ">", after)
    .orderBy("repositories.id")
    .limit(limit)
    .execute();
}

/** A repository that is not deleted. Primary key. */
export async function findPrunedRepository(
  db: Kysely<Tables> | Transaction<Tables>,
  id: number,
): Promise<PrunedRepository | undefined> {
  return repositories(db).where("repositories.id", "=", id).executeTakeFirst();
}

function repositories(db: Kysely<Tables>) {
  return db
    .selectFrom("repositories")
    .innerJoin("accounts", "accounts.id", "repositories.namespace_id")
    .select([
      "repositories.id",
      "repositories.name",
      "accounts.id as namespaceId",
      "accounts.name as namespace",
    ])
    .where("repositories.deleted_at", "is", null);
}
