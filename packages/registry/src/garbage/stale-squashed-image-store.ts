import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";

import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

export interface SquashedRow {
  readonly id: number;
  readonly source: string;
  readonly compression: "none" | "gzip" | "zstd";
  readonly layer: string;
  /** 1: no repository has the source any more, and the lease ran out. */
  readonly isStale: number;
}

/** A page of all squashed images, by id. Index: `manifests` by digest. */
export async function scanSquashedImages(
  db: Kysely<Tables>,
  leaseSince: number,
  last: SquashedRow | undefined,
): Promise<SquashedRow[]> {
  const { rows } = await sql<SquashedRow>`
    select i.id, i.source_digest as source, i.compression, i.layer_digest as layer,
      case when i.touched_at < ${leaseSince} and not exists (
        select 1 from manifests m where m.digest = i.source_digest
      ) then 1 else 0 end as "isStale"
    from squashed_images i
    where i.id > ${last?.id ?? 0}
    order by i.id limit ${sql.lit(PAGE)}`.execute(db);
  return rows;
}

/**
 * Squashed images of some sources whose lease ran out, with the number of repositories that have the source.
 * Index: `squashed_images` by source_digest and more.
 */
export async function countSources(
  db: Kysely<Tables>,
  sources: readonly string[],
  leaseSince: number,
): Promise<(SquashedRow & { readonly repositories: number })[]> {
  const { rows } = await sql<SquashedRow & { readonly repositories: number }>`
    select i.id, i.source_digest as source, i.compression, i.layer_digest as layer, 0 as "isStale",
      (select count(*) from manifests m where m.digest = i.source_digest) as repositories
    from squashed_images i
    where i.source_digest in (${sql.join(sources)}) and i.touched_at < ${leaseSince}
    order by i.id`.execute(db);
  return rows;
}

/** Deletes those of some squashed images that are still stale; they can be made anew. @returns ids of what was deleted */
export async function deleteSquashedImages(
  trx: Transaction<Tables>,
  ids: readonly number[],
  leaseSince: number,
): Promise<Set<number>> {
  const { rows } = await sql<{ id: number }>`
    delete from squashed_images
    where id in (${sql.join(ids)}) and touched_at < ${leaseSince} and not exists (
      select 1 from manifests m where m.digest = squashed_images.source_digest)
    returning id`.execute(trx);
  return new Set(rows.map(({ id }) => id));
}
