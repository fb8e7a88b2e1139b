import type { Digest } from "@wharf/image";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

/** What reading a layer once has come to. */
export type IndexedLayerRow =
  | { readonly state: "ready"; readonly diffId: Digest; readonly size: number }
  | { readonly state: "refused"; readonly reason: string };

/** @param version of the index format; what another one says is not asked for */
export async function findLayerIndex(
  db: Kysely<Tables>,
  digest: Digest,
  version: number,
): Promise<IndexedLayerRow | undefined> {
  const row = await db
    .selectFrom("layer_indexes")
    .select(["state", "diff_id", "size", "reason"])
    .where("digest", "=", digest)
    .where("version", "=", version)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.state === "refused") return { state: "refused", reason: row.reason ?? "" };
  return { state: "ready", diffId: row.diff_id as Digest, size: row.size ?? 0 }; // both set when ready
}

export async function saveLayerIndex(
  trx: Transaction<Tables>,
  digest: Digest,
  version: number,
  result: IndexedLayerRow,
  now: number,
): Promise<void> {
  const values = {
    version,
    state: result.state,
    diff_id: result.state === "ready" ? result.diffId : null,
    size: result.state === "ready" ? result.size : null,
    reason: result.state === "refused" ? result.reason : null,
    created_at: now,
  };
  await trx
    .insertInto("layer_indexes")
    .values({ digest, ...values })
    .onConflict((conflict) => conflict.column("digest").doUpdateSet(values))
    .execute();
}
