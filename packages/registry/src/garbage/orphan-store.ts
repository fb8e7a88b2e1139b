import type { Kysely } from "kysely";

import type { Tables } from "../database/tables.ts";

/** Keys under which some blobs lie, in whatever state. */
export async function findBlobKeys(
  db: Kysely<Tables>,
  digests: readonly string[],
): Promise<Set<string>> {
  if (digests.length === 0) return new Set();
  const rows = await db.selectFrom("blobs").select("key").where("digest", "in", digests).execute();
  return new Set(rows.map(({ key }) => key));
}

/** Versions of the indexes of some layers. */
export async function findIndexVersions(
  db: Kysely<Tables>,
  digests: readonly string[],
): Promise<Map<string, number>> {
  if (digests.length === 0) return new Map();
  const rows = await db
    .selectFrom("layer_indexes")
    .select(["digest", "version"])
    .where("digest", "in", digests)
    .where("state", "=", "ready")
    .execute();
  return new Map(rows.map(({ digest, version }) => [digest, version]));
}
