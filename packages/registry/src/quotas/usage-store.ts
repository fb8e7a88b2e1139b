// Long because it is one thing: the SQL that measures what namespaces use, and keeps it.
import { sql } from "kysely";
import type { Kysely, RawBuilder, Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";

type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** Distinct blobs, in bytes. */
export interface Usage {
  /** Of what can be pulled. */
  readonly bytes: number;
  /** Of what is only kept because it can be taken back. */
  readonly pendingBytes: number;
}

/** What is known of the use of a namespace. */
export interface KnownUsage extends Usage {
  /** Of blobs that came since it was measured. */
  readonly addedBytes: number;
  /** Milliseconds since 1970; 0: never. */
  readonly measuredAt: number;
}

export async function findUsage(db: Reader, namespaceId: number): Promise<KnownUsage | undefined> {
  return db
    .selectFrom("namespace_usage")
    .select([
      "bytes",
      "pending_bytes as pendingBytes",
      "added_bytes as addedBytes",
      "measured_at as measuredAt",
    ])
    .where("namespace_id", "=", namespaceId)
    .executeTakeFirst();
}

/** What some repositories use, by their ids, as far as it was measured. */
export async function findRepositoryUsage(
  db: Reader,
  repositoryIds: readonly number[],
): Promise<Map<number, Usage>> {
  if (repositoryIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("repository_usage")
    .select(["repository_id as id", "bytes", "pending_bytes as pendingBytes"])
    .where("repository_id", "in", repositoryIds)
    .execute();
  return new Map(rows.map(({ id, ...usage }) => [id, usage]));
}

/** Does a repository of the namespace show the blob? Index: repository_blobs_by_digest. */
export async function namespaceHasBlob(
  db: Reader,
  namespaceId: number,
  digest: string,
): Promise<boolean> {
  const row = await db
    .selectFrom("repository_blobs as b")
    .innerJoin("repositories as r", "r.id", "b.repository_id")
    .select("r.id")
    .where("b.digest", "=", digest)
    .where("b.deleted_at", "is", null)
    .where("r.namespace_id", "=", namespaceId)
    .where("r.deleted_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Counts bytes that came since a namespace was measured. */
export async function addBytes(trx: Writer, namespaceId: number, bytes: number): Promise<void> {
  await trx
    .insertInto("namespace_usage")
    .values({
      namespace_id: namespaceId,
      bytes: 0,
      pending_bytes: 0,
      measured_at: 0,
      added_bytes: bytes,
    })
    .onConflict((conflict) =>
      conflict
        .column("namespace_id")
        .doUpdateSet({ added_bytes: sql<number>`namespace_usage.added_bytes + ${bytes}` }),
    )
    .execute();
}

/**
 * Keeps what was measured of a namespace that is still there.
 *
 * @param counted how much of `added_bytes` was there when measuring began: it was measured
 */
export async function putUsage(
  trx: Writer,
  namespaceId: number,
  { bytes, pendingBytes }: Usage,
  counted: number,
  now: number,
): Promise<void> {
  await sql`
    insert into namespace_usage (namespace_id, bytes, pending_bytes, measured_at, added_bytes)
    select id, ${bytes}, ${pendingBytes}, ${now}, 0 from accounts where id = ${namespaceId}
    on conflict (namespace_id) do update set bytes = excluded.bytes,
      pending_bytes = excluded.pending_bytes, measured_at = excluded.measured_at,
      added_bytes = case when namespace_usage.added_bytes < ${counted} then 0
        else namespace_usage.added_bytes - ${counted} end`.execute(trx);
}

/** Keeps what was measured of a repository that is still there. */
export async function putRepositoryUsage(
  trx: Writer,
  repositoryId: number,
  { bytes, pendingBytes }: Usage,
  now: number,
): Promise<void> {
  await sql`
    insert into repository_usage (repository_id, bytes, pending_bytes, measured_at)
    select id, ${bytes}, ${pendingBytes}, ${now} from repositories where id = ${repositoryId}
    on conflict (repository_id) do update set bytes = excluded.bytes,
      pending_bytes = excluded.pending_bytes, measured_at = excluded.measured_at`.execute(trx);
}

/** A repository to be measured, and what was known of it. */
export interface MeasuredRepository {
  readonly id: number;
  /** 1: deleted, so nothing of it can be pulled. */
  readonly isDeleted: number;
  readonly bytes: number | null;
  readonly pendingBytes: number | null;
}

/** A page of the repositories of a namespace, by id. Index: repositories_by_namespace_id. */
export async function listRepositoriesOf(
  db: Reader,
  namespaceId: number,
  after: number,
  limit: number,
): Promise<MeasuredRepository[]> {
  return db
    .selectFrom("repositories as r")
    .leftJoin("repository_usage as u", "u.repository_id", "r.id")
    .select([
      "r.id",
      sql<number>`case when r.deleted_at is null then 0 else 1 end`.as("isDeleted"),
      "u.bytes",
      "u.pending_bytes as pendingBytes",
    ])
    .where("r.namespace_id", "=", namespaceId)
    .where("r.id", ">", after)
    .orderBy("r.id")
    .limit(limit)
    .execute();
}

/** A blob that a repository has. */
export interface MeasuredBlob {
  readonly digest: string;
  readonly size: number;
  /** 1: it can be pulled. 0: it is only kept because what needs it can be taken back. */
  readonly isPulled: number;
}

/**
 * Every blob of a repository, and whether it can be pulled: whether a tag needs it, or a manifest that no tag has ever
 * had, or no manifest yet. What was deleted, and what only an earlier state of a tag needs, counts as kept. Needed are
 * also the manifests of an index, and what has a needed manifest as its subject.
 *
 * Indexes: tags_by_repository_id_and_manifest_digest, manifest_blobs_by_repository_id_and_blob_digest,
 * manifests_by_subject, primary keys of `manifest_children`, `manifests`, `repository_blobs`.
 */
export async function measureBlobs(
  db: Reader,
  dialect: Database["dialect"],
  repositoryId: number,
  now: number,
): Promise<MeasuredBlob[]> {
  const isOpen = sql`ended_at is null and (expires_at is null or expires_at > ${now})`;
  const { rows } = await sql<MeasuredBlob>`
    with recursive
    ${dialect === "postgres" ? edgesOf(repositoryId) : sql``}
    live (digest) as (
      select manifest_digest from tags where repository_id = ${repositoryId} and ${isOpen}
      union ${neededBy(dialect, "live", repositoryId)}
    ),
    past (digest) as (
      select manifest_digest from tags where repository_id = ${repositoryId} and not (${isOpen})
      union
      select digest from manifests
      where repository_id = ${repositoryId} and deleted_at is not null
      union ${neededBy(dialect, "past", repositoryId)}
    ),
    needed (digest) as (
      select distinct m.blob_digest from manifest_blobs m
      where m.repository_id = ${repositoryId} and (
        m.manifest_digest in (select digest from live)
        or m.manifest_digest not in (select digest from past))
    )
    select b.digest, blobs.size,
      case when b.deleted_at is null and (
        b.digest in (select digest from needed)
        or not exists (
          select 1 from manifest_blobs m
          where m.repository_id = b.repository_id and m.blob_digest = b.digest)
      ) then 1 else 0 end as "isPulled"
    from repository_blobs b
    join blobs on blobs.digest = b.digest
    where b.repository_id = ${repositoryId}`.execute(db);
  return rows;
}

/** PostgreSQL allows one recursive query in a union, and joins with all edges of the repository at once. */
function edgesOf(repositoryId: number): RawBuilder<unknown> {
  return sql`edges (parent, child) as (
    select manifest_digest, child_digest from manifest_children
    where repository_id = ${repositoryId}
    union all
    select subject_digest, digest from manifests
    where repository_id = ${repositoryId} and subject_digest is not null
  ),`;
}

/** SQLite looks the edges up one by one. */
function neededBy(
  dialect: Database["dialect"],
  set: "live" | "past",
  repositoryId: number,
): RawBuilder<unknown> {
  const from = sql.table(set);
  if (dialect === "postgres") {
    return sql`select e.child from ${from} s join edges e on e.parent = s.digest`;
  }
  return sql`select c.child_digest from ${from} s cross join manifest_children c
      on c.repository_id = ${repositoryId} and c.manifest_digest = s.digest
    union select m.digest from ${from} s cross join manifests m
      on m.repository_id = ${repositoryId} and m.subject_digest = s.digest`;
}

/** Blobs of a deleted repository: it keeps them all. */
export async function keptBlobs(db: Reader, repositoryId: number): Promise<MeasuredBlob[]> {
  return db
    .selectFrom("repository_blobs as b")
    .innerJoin("blobs", "blobs.digest", "b.digest")
    .select(["b.digest", "blobs.size", sql<number>`0`.as("isPulled")])
    .where("b.repository_id", "=", repositoryId)
    .execute();
}

/** Namespaces of which something was only kept: after a collection they are measured anew. Reads a small table. */
export async function findPending(db: Reader, after: number, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom("namespace_usage")
    .select("namespace_id")
    .where("namespace_id", ">", after)
    .where("pending_bytes", ">", 0)
    .orderBy("namespace_id")
    .limit(limit)
    .execute();
  return rows.map(({ namespace_id }) => namespace_id);
}
