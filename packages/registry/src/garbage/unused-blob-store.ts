// Long because it is one thing: the SQL of a blob's way from unused to gone.
import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";

import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

export interface BlobRow {
  readonly digest: string;
  readonly key: string;
  readonly size: number;
  readonly touchedAt: number;
}

const COLUMNS = sql`digest, key, size, touched_at as "touchedAt"`;

export interface ScannedBlob extends BlobRow {
  /** 1: nothing refers to it, and its lease ran out. */
  readonly isUnused: number;
}

/** Not `state = 'live'`: SQLite would take the index by state, under which nearly all blobs are. */
const LIVE = sql`state <> 'deleting'`;

/** Links and stored squashed layers. Indexes: `repository_blobs` by digest, `squashed_images` by layer_digest. */
const UNREFERRED = sql`
  not exists (select 1 from repository_blobs b where b.digest = blobs.digest)
  and not exists (
    select 1 from squashed_images i where i.layer_digest = blobs.digest and i.compression <> 'none')`;

/** A page of all blobs, by digest. */
export async function scanBlobs(
  db: Kysely<Tables>,
  leaseSince: number,
  last: BlobRow | undefined,
): Promise<ScannedBlob[]> {
  const { rows } = await sql<ScannedBlob>`
    select ${COLUMNS},
      case when ${LIVE} and touched_at < ${leaseSince} and ${UNREFERRED}
      then 1 else 0 end as "isUnused"
    from blobs
    where digest > ${last?.digest ?? ""}
    order by digest limit ${sql.lit(PAGE)}`.execute(db);
  return rows;
}

/** How much refers to some blobs, of those whose lease ran out. */
export async function countReferences(
  db: Kysely<Tables>,
  digests: readonly string[],
  leaseSince: number,
): Promise<(BlobRow & { readonly references: number })[]> {
  const { rows } = await sql<BlobRow & { readonly references: number }>`
    select ${COLUMNS},
      (select count(*) from repository_blobs b where b.digest = blobs.digest)
      + (select count(*) from squashed_images i
        where i.layer_digest = blobs.digest and i.compression <> 'none') as "references"
    from blobs
    where digest in (${sql.join(digests)}) and ${LIVE} and touched_at < ${leaseSince}
    order by digest`.execute(db);
  return rows;
}

/**
 * Decides against those of some blobs that are still unused: nothing can refer to them from then on.
 *
 * @returns what was decided against
 */
export async function giveUpBlobs(
  trx: Transaction<Tables>,
  dialect: Database["dialect"],
  digests: readonly string[],
  leaseSince: number,
): Promise<BlobRow[]> {
  // First the locks, then the question who refers to them: see 007-leases-against-collection.md.
  const { rows: locked } = await sql<{ digest: string }>`
    select digest from blobs
    where digest in (${sql.join(digests)}) and ${LIVE} and touched_at < ${leaseSince}
    order by digest
    ${dialect === "postgres" ? sql`for update skip locked` : sql``}`.execute(trx);
  if (locked.length === 0) return [];
  const { rows } = await sql<BlobRow>`
    update blobs set state = 'deleting'
    where digest in (${sql.join(locked.map(({ digest }) => digest))})
      and ${LIVE} and touched_at < ${leaseSince} and ${UNREFERRED}
    returning ${COLUMNS}`.execute(trx);
  return rows;
}

/** A page of what was decided against, also by runs that broke off. Index: `blobs` by (state, touched_at). */
export async function findGivenUp(
  db: Kysely<Tables>,
  last: BlobRow | undefined,
): Promise<BlobRow[]> {
  const { rows } = await sql<BlobRow>`
    select ${COLUMNS} from blobs
    where state = 'deleting'
      and (touched_at, digest) > (${last?.touchedAt ?? 0}, ${last?.digest ?? ""})
    order by touched_at, digest limit ${sql.lit(PAGE)}`.execute(db);
  return rows;
}

/** Forgets blobs whose objects are gone, unless they were stored again under other keys. */
export async function forgetBlobs(
  trx: Transaction<Tables>,
  blobs: readonly BlobRow[],
): Promise<Set<string>> {
  const rows = await trx
    .deleteFrom("blobs")
    .where(
      "digest",
      "in",
      blobs.map(({ digest }) => digest),
    )
    .where(
      "key",
      "in",
      blobs.map(({ key }) => key),
    )
    .where("state", "=", "deleting")
    .returning("digest")
    .execute();
  return new Set(rows.map(({ digest }) => digest));
}
