import type { Digest } from "@wharf/image";
import type { Kysely, Transaction } from "kysely";
import { preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
import type { Tables } from "../database/tables.ts";

/** A plan as it is stored. */
export interface StoredPlan {
  /** For `decodePlan`. */
  readonly plan: Uint8Array;
  /** Length in bytes and digest of the uncompressed layers, lowest first. */
  readonly layers: readonly { readonly size: number; readonly diffId: Digest }[];
}

/** Which plan. */
export interface PlanKey {
  /** Made by `layerStackId`. */
  readonly layersId: string;
  readonly keep: number;
  /** What another one has written is not asked for. */
  readonly version: string;
}

export async function findPlan(
  db: Kysely<Tables>,
  { layersId, keep, version }: PlanKey,
): Promise<(StoredPlan & { readonly usedAt: number }) | undefined> {
  const row = await db
    .selectFrom("squash_plans")
    .select(["plan", "layers", "used_at"])
    .where("layers_id", "=", layersId)
    .where("keep", "=", keep)
    .where("version", "=", version)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const layers = JSON.parse(row.layers) as StoredPlan["layers"]; // savePlan wrote nothing else
  return { plan: row.plan, layers, usedAt: row.used_at };
}

/** Is there such a plan? */
export async function hasPlan(db: Kysely<Tables>, key: PlanKey): Promise<boolean> {
  return (await HAS.first(db, { ...key })) !== undefined;
}

const HAS = preparedQuery(
  (db, parameter: Parameter<{ layersId: string; keep: number; version: string }>) =>
    db
      .selectFrom("squash_plans")
      .select("keep")
      .where("layers_id", "=", parameter("layersId"))
      .where("keep", "=", parameter("keep"))
      .where("version", "=", parameter("version")),
);

export async function savePlan(
  trx: Transaction<Tables>,
  { layersId, keep, version }: PlanKey,
  { plan, layers }: StoredPlan,
  now: number,
): Promise<void> {
  const values = { version, plan, layers: JSON.stringify(layers), used_at: now };
  await trx
    .insertInto("squash_plans")
    .values({ layers_id: layersId, keep, ...values })
    .onConflict((conflict) => conflict.columns(["layers_id", "keep"]).doUpdateSet(values))
    .execute();
}

/** Tells that a plan is still of use. */
export async function renewPlan(
  trx: Transaction<Tables>,
  { layersId, keep }: PlanKey,
  now: number,
): Promise<void> {
  await trx
    .updateTable("squash_plans")
    .set({ used_at: now })
    .where("layers_id", "=", layersId)
    .where("keep", "=", keep)
    .execute();
}
