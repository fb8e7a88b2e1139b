import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";

import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

/** A blob of a repository. */
export interface Link {
  readonly repositoryId: number;
  /** Name of the repository. */
  readonly repository: string;
  readonly digest: string;
}

export interface ScannedLink extends Link {
  /** 1: no manifest refers to it, and its lease ran out. */
  readonly isUnused: number;
}

/** A page of all links, by repository and digest. Indexes: primary key; `manifest_blobs` by (repository_id, blob_digest). */
export async function scanLinks(
  db: Kysely<Tables>,
  leaseSince: number,
  last: Link | undefined,
): Promise<ScannedLink[]> {
  const { rows } = await sql<ScannedLink>`
    select b.repository_id as "repositoryId", coalesce(r.deleted_name, r.name) as repository, b.digest,
      case when b.touched_at < ${leaseSince} and not exists (
        select 1 from manifest_blobs m
        where m.repository_id = b.repository_id and m.blob_digest = b.digest
      ) then 1 else 0 end as "isUnused"
    from (
      select repository_id, digest, touched_at from repository_blobs
      where (repository_id, digest) > (${last?.repositoryId ?? 0}, ${last?.digest ?? ""})
      order by repository_id, digest limit ${sql.lit(PAGE)}
    ) b
    join repositories r on r.id = b.repository_id
    order by b.repository_id, b.digest`.execute(db);
  return rows;
}

/** How many manifests of a repository refer to some of its blobs, of those whose lease ran out. */
export async function countReferences(
  db: Kysely<Tables>,
  repositoryId: number,
  digests: readonly string[],
  leaseSince: number,
): Promise<(Link & { readonly references: number })[]> {
  const { rows } = await sql<Link & { readonly references: number }>`
    select b.repository_id as "repositoryId", coalesce(r.deleted_name, r.name) as repository, b.digest,
      (select count(*) from manifest_blobs m
        where m.repository_id = b.repository_id and m.blob_digest = b.digest) as "references"
    from repository_blobs b
    join repositories r on r.id = b.repository_id
    where b.repository_id = ${repositoryId} and b.digest in (${sql.join(digests)})
      and b.touched_at < ${leaseSince}`.execute(db);
  return rows;
}

/** Deletes those of some links that are still unused. @returns digests of what was deleted */
export async function deleteLinks(
  trx: Transaction<Tables>,
  dialect: Database["dialect"],
  repositoryId: number,
  digests: readonly string[],
  leaseSince: number,
): Promise<Set<string>> {
  // First the locks, then the question who refers to them: see 007-leases-against-collection.md.
  const { rows: locked } = await sql<{ digest: string }>`
    select digest from repository_blobs
    where repository_id = ${repositoryId} and digest in (${sql.join(digests)})
      and touched_at < ${leaseSince}
    order by digest
    ${dialect === "postgres" ? sql`for update skip locked` : sql``}`.execute(trx);
  if (locked.length === 0) return new Set();
  const { rows } = await sql<{ digest: string }>`
    delete from repository_blobs
    where repository_id = ${repositoryId}
      and digest in (${sql.join(locked.map(({ digest }) => digest))})
      and touched_at < ${leaseSince}
      and not exists (
        select 1 from manifest_blobs m where m.repository_id = repository_blobs.repository_id
          and m.blob_digest = repository_blobs.digest)
    returning digest`.execute(trx);
  return new Set(rows.map(({ digest }) => digest));
}
