import type { Digest } from "@wharf/image";
import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import { numbered, preparedByCount, preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
import type { Tables } from "../database/tables.ts";

/** A blob of a repository: how long it is, and where it lies in the blob store. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly key: string;
}

/** A blob that the repository has and shows. */
export async function findRepositoryBlob(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: Digest,
): Promise<(StoredBlob & { readonly touchedAt: number }) | undefined> {
  const row = await FIND_BLOB.first(db, { repositoryId, digest });
  return row === undefined ? undefined : { digest, ...row };
}

const FIND_BLOB = preparedQuery(
  (db, parameter: Parameter<{ repositoryId: number; digest: string }>) =>
    db
      .selectFrom("repository_blobs as link")
      .innerJoin("blobs", "blobs.digest", "link.digest")
      .select(["blobs.size", "blobs.key", "link.touched_at as touchedAt"])
      .where("link.repository_id", "=", parameter("repositoryId"))
      .where("link.digest", "=", parameter("digest"))
      .where("link.deleted_at", "is", null),
);

/** A blob wherever it is; who may see it is the caller's question. */
export async function findStoredBlob(
  db: Kysely<Tables>,
  digest: Digest,
): Promise<StoredBlob | undefined> {
  const row = await db
    .selectFrom("blobs")
    .select(["size", "key"])
    .where("digest", "=", digest)
    .where("state", "=", "live")
    .executeTakeFirst();
  return row === undefined ? undefined : { digest, ...row };
}

/**
 * Gives a repository a blob that is stored already.
 *
 * @returns its size, or undefined when no such blob is stored
 */
export async function linkStoredBlob(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: Digest,
  now: number,
): Promise<number | undefined> {
  const size = await renewStoredBlob(trx, digest, now);
  if (size !== undefined) await insertLink(trx, repositoryId, digest, now);
  return size;
}

/**
 * Renews the lease of a blob that is stored already, for somebody who is about to refer to it: taking its row's lock,
 * so that collection cannot decide against it meanwhile.
 *
 * @returns its size, or undefined when no such blob is stored
 */
export async function renewStoredBlob(
  trx: Transaction<Tables>,
  digest: Digest,
  now: number,
): Promise<number | undefined> {
  const blob = await RENEW_STORED.first(trx, { digest, now });
  return blob?.size;
}

const RENEW_STORED = preparedQuery((db, parameter: Parameter<{ digest: string; now: number }>) =>
  db
    .updateTable("blobs")
    .set({ touched_at: parameter("now") })
    .where("digest", "=", parameter("digest"))
    .where("state", "=", "live")
    .returning("size"),
);

/**
 * Records a blob whose object is durable, and gives it to a repository.
 *
 * @returns the key under which the blob is known from now on; another one than `blob.key` when it was stored before,
 *   then the new object is not needed
 */
export async function recordBlob(
  trx: Transaction<Tables>,
  repositoryId: number,
  blob: StoredBlob,
  now: number,
): Promise<string> {
  const key = await recordLooseBlob(trx, blob, now);
  await insertLink(trx, repositoryId, blob.digest, now);
  return key;
}

/** As {@link recordBlob}, for a blob that no repository has: something else must refer to it. */
export async function recordLooseBlob(
  trx: Transaction<Tables>,
  blob: StoredBlob,
  now: number,
): Promise<string> {
  const row = await RECORD_BLOB.first(trx, { ...blob, now });
  if (row === undefined) throw new Error("the blob was not recorded");
  return row.key;
}

const RECORD_BLOB = preparedQuery((db, parameter: Parameter<StoredBlob & { now: number }>) =>
  db
    .insertInto("blobs")
    .values({
      digest: parameter("digest"),
      size: parameter("size"),
      key: parameter("key"),
      state: "live",
      created_at: parameter("now"),
      touched_at: parameter("now"),
    })
    .onConflict((conflict) =>
      conflict.column("digest").doUpdateSet({
        // What collection has given up is not revived: its object may be gone at any moment.
        key: sql<string>`case when blobs.state = 'deleting' then excluded.key else blobs.key end`,
        state: "live",
        touched_at: parameter("now"),
      }),
    )
    .returning("key"),
);

async function insertLink(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: Digest,
  now: number,
): Promise<void> {
  await INSERT_LINK.run(trx, { repositoryId, digest, now });
}

const INSERT_LINK = preparedQuery(
  (db, parameter: Parameter<{ repositoryId: number; digest: string; now: number }>) =>
    db
      .insertInto("repository_blobs")
      .values({
        repository_id: parameter("repositoryId"),
        digest: parameter("digest"),
        deleted_at: null,
        touched_at: parameter("now"),
      })
      .onConflict((conflict) =>
        conflict
          .columns(["repository_id", "digest"])
          .doUpdateSet({ touched_at: parameter("now"), deleted_at: null }),
      ),
);

/** Repositories that have and show a blob, a few of them. Index: `repository_blobs` by digest. */
export async function repositoriesWithBlob(
  db: Kysely<Tables>,
  digest: Digest,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom("repository_blobs as link")
    .innerJoin("repositories", "repositories.id", "link.repository_id")
    .select("repositories.name")
    .where("link.digest", "=", digest)
    .where("link.deleted_at", "is", null)
    .where("repositories.deleted_at", "is", null)
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}

/** Values bound in one statement; SQLite allows 32,766. */
const CHUNK = 500;

/**
 * Finds out which blobs a repository has, and renews the leases that ran half out, so that none is collected before
 * the caller's transaction refers to it.
 *
 * @param halfLease milliseconds
 * @returns sizes by digest, of those that it has
 */
export async function holdBlobs(
  trx: Transaction<Tables>,
  repositoryId: number,
  digests: readonly Digest[],
  now: number,
  halfLease: number,
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (let at = 0; at < digests.length; at += CHUNK) {
    const chunk = digests.slice(at, at + CHUNK);
    const rows = await findLinks(chunk.length).all(trx, { repositoryId, ...numbered(chunk) });
    const stale = rows.filter((row) => row.touched_at < now - halfLease).map((row) => row.digest);
    const held =
      stale.length === 0 ? new Set<string>() : await renew(trx, repositoryId, stale, now);
    for (const row of rows) {
      if (row.touched_at >= now - halfLease || held.has(row.digest))
        sizes.set(row.digest, row.size);
    }
  }
  return sizes;
}

/**
 * On PostgreSQL: keeps anybody else from changing what a repository shows of some blobs, until the transaction ends.
 * Others may hold the same at the same time; so leases must have been renewed before.
 *
 * @returns those that it shows
 */
export async function lockShownBlobs(
  trx: Transaction<Tables>,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<Set<string>> {
  const shown = new Set<string>();
  for (let at = 0; at < digests.length; at += CHUNK) {
    const rows = await trx
      .selectFrom("repository_blobs")
      .select("digest")
      .where("repository_id", "=", repositoryId)
      .where("digest", "in", digests.slice(at, at + CHUNK))
      .where("deleted_at", "is", null)
      .orderBy("digest")
      .forShare()
      .execute();
    for (const { digest } of rows) shown.add(digest);
  }
  return shown;
}

/** So many blobs of a repository, whose digests are the numbered parameters. */
const findLinks = preparedByCount((count) =>
  preparedQuery(
    (db, parameter: Parameter<{ repositoryId: number; [place: string]: string | number }>) =>
      db
        .selectFrom("repository_blobs as link")
        .innerJoin("blobs", "blobs.digest", "link.digest")
        .select(["link.digest", "link.touched_at", "blobs.size"])
        .where("link.repository_id", "=", sql<number>`${parameter("repositoryId")}`)
        .where(
          "link.digest",
          "in",
          Array.from({ length: count }, (_, place) => sql<string>`${parameter(String(place))}`),
        )
        .where("link.deleted_at", "is", null),
  ),
);

async function renew(
  trx: Transaction<Tables>,
  repositoryId: number,
  digests: readonly string[],
  now: number,
): Promise<Set<string>> {
  const rows = await trx
    .updateTable("repository_blobs")
    .set({ touched_at: now })
    .where("repository_id", "=", repositoryId)
    .where("digest", "in", digests)
    .where("deleted_at", "is", null)
    .returning("digest")
    .execute();
  return new Set(rows.map(({ digest }) => digest));
}

/** Renews the lease of one blob of a repository. @returns false when it is gone */
export async function renewBlob(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: Digest,
  now: number,
): Promise<boolean> {
  return (await renew(trx, repositoryId, [digest], now)).size > 0;
}

/**
 * A manifest of the repository that is served and refers to the blob, if any.
 * Index: `manifest_blobs` by (repository_id, blob_digest).
 */
export async function referringManifest(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: Digest,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("manifest_blobs as link")
    .innerJoin("manifests", (join) =>
      join
        .onRef("manifests.repository_id", "=", "link.repository_id")
        .onRef("manifests.digest", "=", "link.manifest_digest"),
    )
    .select("link.manifest_digest")
    .where("link.repository_id", "=", repositoryId)
    .where("link.blob_digest", "=", digest)
    .where("manifests.deleted_at", "is", null)
    .executeTakeFirst();
  return row?.manifest_digest;
}

/**
 * Shows the blobs of some manifests again, whichever were deleted, and renews their leases. It takes the locks of all of
 * them: a deletion under way (deleteBlob) either has hidden its blob before, or finds the manifest that needs it.
 * Primary keys.
 *
 * @param manifests at most 500
 */
export async function showBlobsOf(
  trx: Transaction<Tables>,
  repositoryId: number,
  manifests: readonly string[],
  now: number,
): Promise<void> {
  await trx
    .updateTable("repository_blobs")
    .set({ deleted_at: null, touched_at: now })
    .where("repository_id", "=", repositoryId)
    .where("digest", "in", (eb) =>
      eb
        .selectFrom("manifest_blobs")
        .select("blob_digest")
        .where("repository_id", "=", repositoryId)
        .where("manifest_digest", "in", manifests),
    )
    .execute();
}

/** @returns false when the repository does not show such a blob */
export async function hideBlob(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: Digest,
  now: number,
): Promise<boolean> {
  const row = await trx
    .updateTable("repository_blobs")
    .set({ deleted_at: now })
    .where("repository_id", "=", repositoryId)
    .where("digest", "=", digest)
    .where("deleted_at", "is", null)
    .returning("digest")
    .executeTakeFirst();
  return row !== undefined;
}
