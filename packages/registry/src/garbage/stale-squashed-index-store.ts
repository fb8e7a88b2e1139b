import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";

import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

export interface SquashedIndexRow {
  readonly digest: string;
  readonly source: string;
  /** 1: no repository has the source any more, and the lease ran out. */
  readonly isStale: number;
}

/** A page of all squashed indexes, by digest. Index: `manifests` by digest. */
export async function scanSquashedIndexes(
  db: Kysely<Tables>,
  leaseSince: number,
  last: SquashedIndexRow | undefined,
): Promise<SquashedIndexRow[]> {
  const { rows } = await sql<SquashedIndexRow>`
    select i.digest, i.source_digest as source,
      case when i.touched_at < ${leaseSince} and not exists (
        select 1 from manifests m where m.digest = i.source_digest
      ) then 1 else 0 end as "isStale"
    from squashed_indexes i
    where (i.digest, i.source_digest) > (${last?.digest ?? ""}, ${last?.source ?? ""})
    order by i.digest, i.source_digest limit ${sql.lit(PAGE)}`.execute(db);
  return rows;
}

/**
 * Squashed indexes of some sources whose lease ran out, with the number of repositories that have the source.
 * Index: `squashed_indexes` by source_digest.
 */
export async function countIndexSources(
  db: Kysely<Tables>,
  sources: readonly string[],
  leaseSince: number,
): Promise<(SquashedIndexRow & { readonly repositories: number })[]> {
  const { rows } = await sql<SquashedIndexRow & { readonly repositories: number }>`
    select i.digest, i.source_digest as source, 0 as "isStale",
      (select count(*) from manifests m where m.digest = i.source_digest) as repositories
    from squashed_indexes i
    where i.source_digest in (${sql.join(sources)}) and i.touched_at < ${leaseSince}
    order by i.digest`.execute(db);
  return rows;
}

/** Deletes those of some squashed indexes that are still stale; they can be made anew. @returns their digests */
export async function deleteSquashedIndexes(
  trx: Transaction<Tables>,
  digests: readonly string[],
  leaseSince: number,
): Promise<Set<string>> {
  const { rows } = await sql<{ digest: string }>`
    delete from squashed_indexes
    where digest in (${sql.join(digests)}) and touched_at < ${leaseSince} and not exists (
      select 1 from manifests m where m.digest = squashed_indexes.source_digest)
    returning digest`.execute(trx);
  return new Set(rows.map(({ digest }) => digest));
}
