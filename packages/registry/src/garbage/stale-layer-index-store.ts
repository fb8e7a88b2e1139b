import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";

import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

export interface LayerIndexRow {
  readonly digest: string;
  readonly version: number;
  readonly state: "ready" | "refused";
}

export interface ScannedLayerIndex extends LayerIndexRow {
  /** 1: the layer is not stored any more, and the row is no new one. */
  readonly isStale: number;
}

/** A page of all rows, by digest. */
export async function scanLayerIndexes(
  db: Kysely<Tables>,
  leaseSince: number,
  last: LayerIndexRow | undefined,
): Promise<ScannedLayerIndex[]> {
  const { rows } = await sql<ScannedLayerIndex>`
    select i.digest, i.version, i.state,
      case when i.created_at < ${leaseSince} and not exists (
        select 1 from blobs b where b.digest = i.digest and b.state = 'live'
      ) then 1 else 0 end as "isStale"
    from layer_indexes i
    where i.digest > ${last?.digest ?? ""}
    order by i.digest limit ${sql.lit(PAGE)}`.execute(db);
  return rows;
}

/** Rows of some layers, but no new ones. */
export async function findLayerIndexes(
  db: Kysely<Tables>,
  digests: readonly string[],
  leaseSince: number,
): Promise<LayerIndexRow[]> {
  return await db
    .selectFrom("layer_indexes")
    .select(["digest", "version", "state"])
    .where("digest", "in", digests)
    .where("created_at", "<", leaseSince)
    .orderBy("digest")
    .execute();
}

/** Deletes those of some rows that are still stale; an index can be made anew. @returns digests of what was deleted */
export async function deleteLayerIndexes(
  trx: Transaction<Tables>,
  digests: readonly string[],
  leaseSince: number,
): Promise<Set<string>> {
  const { rows } = await sql<{ digest: string }>`
    delete from layer_indexes
    where digest in (${sql.join(digests)}) and created_at < ${leaseSince} and not exists (
      select 1 from blobs b where b.digest = layer_indexes.digest and b.state = 'live')
    returning digest`.execute(trx);
  return new Set(rows.map(({ digest }) => digest));
}
