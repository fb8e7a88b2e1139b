import type { Digest } from "@wharf/image";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

/** A squashed image whose digests are known. */
export interface SquashedImage {
  readonly sourceDigest: Digest;
  readonly keep: number;
  readonly compression: "none" | "gzip" | "zstd";
  readonly manifestDigest: Digest;
  readonly manifest: Uint8Array;
  readonly configDigest: Digest;
  readonly config: Uint8Array;
  /** Of the layer as it is pulled. */
  readonly layerDigest: Digest;
  readonly layerSize: number;
  /** Of the uncompressed layer. */
  readonly diffId: Digest;
  readonly tarSize: number;
}

/** What one image was squashed to. Unique by (source_digest, version, keep, compression). */
export async function findSquashedImage(
  db: Kysely<Tables>,
  sourceDigest: Digest,
  version: number,
  keep: number,
  compression: SquashedImage["compression"],
): Promise<SquashedImage | undefined> {
  const row = await db
    .selectFrom("squashed_images")
    .selectAll()
    .where("source_digest", "=", sourceDigest)
    .where("version", "=", version)
    .where("keep", "=", keep)
    .where("compression", "=", compression)
    .executeTakeFirst();
  return row === undefined ? undefined : squashedImage(row);
}

/** Which digest of a squashed image something is asked for by. */
export type SquashedPart = "manifest_digest" | "config_digest" | "layer_digest";

/**
 * A squashed image of a manifest that the repository shows, by one of its digests. Of several with the same part any
 * is as good; the newest is the likeliest to be in the cache. Indexes: `squashed_images` by each of the digests; `manifests` by its primary key.
 */
export async function findSquashedPart(
  db: Kysely<Tables>,
  repositoryId: number,
  part: SquashedPart,
  digest: Digest,
): Promise<SquashedImage | undefined> {
  const row = await db
    .selectFrom("squashed_images")
    .innerJoin("manifests", "manifests.digest", "squashed_images.source_digest")
    .selectAll("squashed_images")
    .where(`squashed_images.${part}`, "=", digest)
    .where("manifests.repository_id", "=", repositoryId)
    .where("manifests.deleted_at", "is", null)
    .orderBy("squashed_images.version", "desc")
    .orderBy("squashed_images.id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : squashedImage(row);
}

function squashedImage(row: Selectable<Tables["squashed_images"]>): SquashedImage {
  const digest = (text: string): Digest => text as Digest; // only digests are ever stored
  return {
    sourceDigest: digest(row.source_digest),
    keep: row.keep,
    compression: row.compression,
    manifestDigest: digest(row.manifest_digest),
    manifest: row.manifest,
    configDigest: digest(row.config_digest),
    config: row.config,
    layerDigest: digest(row.layer_digest),
    layerSize: row.layer_size,
    diffId: digest(row.diff_id),
    tarSize: row.tar_size,
  };
}

/** Adds a squashed image; the same one by another replica is the same. */
export async function insertSquashedImage(
  trx: Transaction<Tables>,
  version: number,
  image: SquashedImage,
  now: number,
): Promise<void> {
  await trx
    .insertInto("squashed_images")
    .values({
      source_digest: image.sourceDigest,
      version,
      keep: image.keep,
      compression: image.compression,
      manifest_digest: image.manifestDigest,
      manifest: image.manifest,
      config_digest: image.configDigest,
      config: image.config,
      layer_digest: image.layerDigest,
      layer_size: image.layerSize,
      diff_id: image.diffId,
      tar_size: image.tarSize,
      created_at: now,
      touched_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** A squashed index of an index that the repository shows. */
export async function findSquashedIndex(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: Digest,
): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom("squashed_indexes")
    .innerJoin("manifests", "manifests.digest", "squashed_indexes.source_digest")
    .select("squashed_indexes.manifest")
    .where("squashed_indexes.digest", "=", digest)
    .where("manifests.repository_id", "=", repositoryId)
    .where("manifests.deleted_at", "is", null)
    .executeTakeFirst();
  return row?.manifest;
}

export async function insertSquashedIndex(
  trx: Transaction<Tables>,
  index: { digest: Digest; sourceDigest: Digest; manifest: Uint8Array },
  now: number,
): Promise<void> {
  await trx
    .insertInto("squashed_indexes")
    .values({
      digest: index.digest,
      source_digest: index.sourceDigest,
      manifest: index.manifest,
      created_at: now,
      touched_at: now,
    })
    .onConflict((conflict) =>
      conflict.columns(["digest", "source_digest"]).doUpdateSet({ touched_at: now }),
    )
    .execute();
}
