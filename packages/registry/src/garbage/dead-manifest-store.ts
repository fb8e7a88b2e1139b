// Long because it is one thing: the SQL that finds and deletes manifests nothing keeps.
import { sql } from "kysely";
import type { Kysely, RawBuilder, Transaction } from "kysely";

import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

/** A manifest that was looked at. */
export interface ScannedManifest {
  readonly repositoryId: number;
  /** Name of the repository. */
  readonly repository: string;
  readonly digest: string;
  readonly subject: string | null;
  /** What its namespace lets be taken back ended since then; milliseconds since 1970. */
  readonly keptSince: number;
  /** 0: alive, as its own tags, its age, or tags of a parent or of its subject show. 1: its relatives must be asked. */
  readonly isCandidate: number;
}

/** Times in milliseconds since 1970. */
export interface ManifestLimits {
  readonly leaseSince: number;
  readonly keptSince: number;
}

/**
 * A page of all manifests, by repository and digest. Indexes: primary keys; `tags` by (repository_id,
 * manifest_digest); `manifest_children` by (repository_id, child_digest), first (`cross join` says so to SQLite).
 */
export async function scanManifests(
  db: Kysely<Tables>,
  { now, leaseSince, window }: { now: number; leaseSince: number; window: number },
  last: ScannedManifest | undefined,
): Promise<ScannedManifest[]> {
  const keptTag = sql`(t.ended_at is null or t.ended_at >= m.kept_since)`;
  const { rows } = await sql<ScannedManifest>`
    select m.repository_id as "repositoryId", m.name as repository, m.digest,
      m.subject_digest as subject, m.kept_since as "keptSince",
      case when ${isOld(sql`m`, leaseSince, sql`m.kept_since`)}
        and not exists (
          select 1 from tags t where t.repository_id = m.repository_id
            and t.manifest_digest = m.digest and ${keptTag})
        and not exists (
          select 1 from manifest_children c cross join tags t
          where c.repository_id = m.repository_id and c.child_digest = m.digest
            and t.repository_id = c.repository_id and t.manifest_digest = c.manifest_digest
            and ${keptTag})
        and not exists (
          select 1 from tags t where t.repository_id = m.repository_id
            and t.manifest_digest = m.subject_digest and ${keptTag})
      then 1 else 0 end as "isCandidate"
    from (
      select page.*, coalesce(r.deleted_name, r.name) as name, ${now} - coalesce(a.tag_expiration, ${window}) as kept_since
      from (
        select repository_id, digest, subject_digest, created_at, deleted_at, touched_at
        from manifests
        where (repository_id, digest) > (${last?.repositoryId ?? 0}, ${last?.digest ?? ""})
        order by repository_id, digest limit ${sql.lit(PAGE)}
      ) page
      join repositories r on r.id = page.repository_id
      join accounts a on a.id = r.namespace_id
    ) m
    order by m.repository_id, m.digest`.execute(db);
  return rows;
}

/** What the row itself says: its lease ran out, and its creation, last touch or deletion is long enough ago. */
function isOld(
  manifest: RawBuilder<unknown>,
  leaseSince: number,
  keptSince: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`${manifest}.touched_at < ${leaseSince}
    and case when ${manifest}.deleted_at is null
      then ${manifest}.touched_at < ${keptSince} and ${manifest}.created_at < ${keptSince}
      else ${manifest}.deleted_at < ${leaseSince} end`;
}

/** Parents of some manifests, page by page. Index: `manifest_children` by (repository_id, child_digest). */
export async function findParents(
  db: Kysely<Tables>,
  repositoryId: number,
  children: readonly string[],
  last: { child: string; parent: string } | undefined,
): Promise<{ child: string; parent: string }[]> {
  let query = db
    .selectFrom("manifest_children")
    .select(["child_digest as child", "manifest_digest as parent"])
    .where("repository_id", "=", repositoryId)
    .where("child_digest", "in", children);
  if (last !== undefined) {
    query = query.where(
      sql<boolean>`(child_digest, manifest_digest) > (${last.child}, ${last.parent})`,
    );
  }
  return await query.orderBy("child_digest").orderBy("manifest_digest").limit(PAGE).execute();
}

/** Those of some manifests that are there. */
export async function findExisting(
  db: Kysely<Tables>,
  repositoryId: number,
  digests: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom("manifests")
    .select("digest")
    .where("repository_id", "=", repositoryId)
    .where("digest", "in", digests)
    .execute();
  return new Set(rows.map(({ digest }) => digest));
}

/** References of some manifests to blobs, page by page. */
export async function findReferredBlobs(
  db: Kysely<Tables>,
  repositoryId: number,
  manifests: readonly string[],
  last: { manifest: string; blob: string } | undefined,
): Promise<{ manifest: string; blob: string }[]> {
  let query = db
    .selectFrom("manifest_blobs")
    .select(["manifest_digest as manifest", "blob_digest as blob"])
    .where("repository_id", "=", repositoryId)
    .where("manifest_digest", "in", manifests);
  if (last !== undefined) {
    query = query.where(
      sql<boolean>`(manifest_digest, blob_digest) > (${last.manifest}, ${last.blob})`,
    );
  }
  return await query.orderBy("manifest_digest").orderBy("blob_digest").limit(PAGE).execute();
}

/**
 * Locks those of some manifests that are old and have no tag, as far as nobody else works on them. On SQLite a
 * transaction is alone anyway.
 */
export async function lockUntagged(
  trx: Transaction<Tables>,
  dialect: Database["dialect"],
  repositoryId: number,
  digests: readonly string[],
  limits: ManifestLimits,
): Promise<string[]> {
  const { rows } = await sql<{ digest: string }>`
    select digest from manifests
    where repository_id = ${repositoryId} and digest in (${sql.join(digests)})
      and ${isUntagged(limits)}
    order by digest
    ${dialect === "postgres" ? sql`for update skip locked` : sql``}`.execute(trx);
  return rows.map(({ digest }) => digest);
}

function isUntagged({ leaseSince, keptSince }: ManifestLimits): RawBuilder<unknown> {
  return sql`${isOld(sql`manifests`, leaseSince, sql`${keptSince}`)}
    and not exists (
      select 1 from tags t where t.repository_id = manifests.repository_id
        and t.manifest_digest = manifests.digest)`;
}

/**
 * Deletes those of some locked manifests that have no tag, no parent and no subject; what they refer to is forgotten
 * with them (foreign keys).
 *
 * @param knotted subjects, locked as well, that count as gone
 * @returns digests of what was deleted
 */
export async function deleteManifests(
  trx: Transaction<Tables>,
  repositoryId: number,
  digests: readonly string[],
  limits: ManifestLimits,
  knotted: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ digest: string }>`
    delete from manifests
    where repository_id = ${repositoryId} and digest in (${sql.join(digests)})
      and ${isUntagged(limits)}
      and not exists (
        select 1 from manifest_children c where c.repository_id = manifests.repository_id
          and c.child_digest = manifests.digest)
      and (${knotted.length === 0 ? sql`1 = 0` : sql`subject_digest in (${sql.join(knotted)})`}
        or not exists (
          select 1 from manifests s where s.repository_id = manifests.repository_id
            and s.digest = manifests.subject_digest))
    returning digest`.execute(trx);
  return new Set(rows.map(({ digest }) => digest));
}
