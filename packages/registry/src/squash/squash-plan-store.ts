import type { Digest } from "@wharf/image";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

/** A plan as it is stored. */
export interface StoredPlan {
  /** For `decodePlan`. */
  readonly plan: Uint8Array;
  /** Lengths of the uncompressed layers of the source in bytes, lowest first. */
  readonly layerSizes: readonly number[];
}

/** @param version what another one has written is not asked for */
export async function findPlan(
  db: Kysely<Tables>,
  source: Digest,
  keep: number,
  version: string,
): Promise<StoredPlan | undefined> {
  const row = await db
    .selectFrom("squash_plans")
    .select(["plan", "layer_sizes"])
    .where("source_digest", "=", source)
    .where("keep", "=", keep)
    .where("version", "=", version)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { plan: row.plan, layerSizes: JSON.parse(row.layer_sizes) as number[] }; // savePlan wrote nothing else
}

export async function savePlan(
  trx: Transaction<Tables>,
  source: Digest,
  keep: number,
  version: string,
  { plan, layerSizes }: StoredPlan,
  now: number,
): Promise<void> {
  const values = { version, plan, layer_sizes: JSON.stringify(layerSizes), created_at: now };
  await trx
    .insertInto("squash_plans")
    .values({ source_digest: source, keep, ...values })
    .onConflict((conflict) => conflict.columns(["source_digest", "keep"]).doUpdateSet(values))
    .execute();
}
