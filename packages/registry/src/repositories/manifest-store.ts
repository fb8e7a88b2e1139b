import type { Digest } from "@wharf/image";
import { PostgresAdapter, sql } from "kysely";
import type { Kysely, Selectable, Transaction } from "kysely";
import { numbered, preparedByCount, preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
import type { Tables } from "../database/tables.ts";

/** A manifest as it is served. */
export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly kind: "image" | "index";
  /** Byte for byte as pushed. */
  readonly content: Uint8Array;
}

const COLUMNS = [
  "manifests.digest",
  "manifests.media_type as mediaType",
  "manifests.kind",
  "manifests.content",
] as const;

/** The manifest that a tag points to. */
export interface TaggedManifest extends StoredManifest {
  /** From this time on the tag is not served; null: it stays. */
  readonly expiresAt: number | null;
}

/**
 * The manifest a tag points to. Index: `tags` by (repository_id, name) of open intervals.
 *
 * @param now a tag that has expired by then is not there
 */
export async function findTaggedManifest(
  db: Kysely<Tables>,
  repositoryId: number,
  tag: string,
  now: number,
): Promise<TaggedManifest | undefined> {
  const row = await db
    .selectFrom("tags")
    .innerJoin("manifests", (join) =>
      join
        .onRef("manifests.repository_id", "=", "tags.repository_id")
        .onRef("manifests.digest", "=", "tags.manifest_digest"),
    )
    .select([...COLUMNS, "tags.expires_at as expiresAt"])
    .where("tags.repository_id", "=", repositoryId)
    .where("tags.name", "=", tag)
    .where("tags.ended_at", "is", null)
    .where("manifests.deleted_at", "is", null)
    .executeTakeFirst();
  if (row === undefined || (row.expiresAt !== null && row.expiresAt <= now)) return undefined;
  return { ...stored(row), expiresAt: row.expiresAt };
}

export async function findManifest(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: Digest,
): Promise<StoredManifest | undefined> {
  const row = await db
    .selectFrom("manifests")
    .select(COLUMNS)
    .where("repository_id", "=", repositoryId)
    .where("digest", "=", digest)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return row === undefined ? undefined : stored(row);
}

function stored(row: {
  digest: string;
  mediaType: string;
  kind: "image" | "index";
  content: Uint8Array;
}): StoredManifest {
  return { ...row, digest: row.digest as Digest }; // only digests are ever stored
}

/** A manifest on its way into a repository. */
export interface NewManifest extends StoredManifest {
  readonly artifactType: string | undefined;
  readonly subject: Digest | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly totalSize: number;
  readonly blobs: readonly Digest[];
  readonly children: readonly Digest[];
}

/** Adds a manifest; one that was there is shown again, with the media type of now. */
export async function insertManifest(
  trx: Transaction<Tables>,
  repositoryId: number,
  manifest: NewManifest,
  now: number,
): Promise<void> {
  await INSERT_MANIFEST.run(trx, {
    repository_id: repositoryId,
    digest: manifest.digest,
    media_type: manifest.mediaType,
    artifact_type: manifest.artifactType ?? null,
    subject_digest: manifest.subject ?? null,
    annotations: manifest.annotations === undefined ? null : JSON.stringify(manifest.annotations),
    content: manifest.content,
    size: manifest.content.length,
    kind: manifest.kind,
    total_size: manifest.totalSize,
    now,
  });
  const link = { repository_id: repositoryId, manifest_digest: manifest.digest };
  for (const chunk of chunks(manifest.blobs)) {
    await insertLinks(chunk.length).run(trx, { ...link, ...numbered(chunk) });
  }
  for (const chunk of chunks(manifest.children)) {
    await trx
      .insertInto("manifest_children")
      .values(chunk.map((digest) => ({ ...link, child_digest: digest })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const held =
    manifest.subject === undefined ? manifest.children : [...manifest.children, manifest.subject];
  await renewManifests(trx, repositoryId, held, now);
}

type ManifestValues = Omit<
  Selectable<Tables["manifests"]>,
  "created_at" | "deleted_at" | "touched_at" | "platform" | "config_digest" | "described_at"
> & {
  readonly now: number;
};

const INSERT_MANIFEST = preparedQuery((db, parameter: Parameter<ManifestValues>) =>
  db
    .insertInto("manifests")
    .values({
      repository_id: parameter("repository_id"),
      digest: parameter("digest"),
      media_type: parameter("media_type"),
      artifact_type: parameter("artifact_type"),
      subject_digest: parameter("subject_digest"),
      annotations: parameter("annotations"),
      content: parameter("content"),
      size: parameter("size"),
      kind: parameter("kind"),
      total_size: parameter("total_size"),
      created_at: parameter("now"),
      deleted_at: null,
      touched_at: parameter("now"),
    })
    .onConflict((conflict) =>
      conflict.columns(["repository_id", "digest"]).doUpdateSet({
        deleted_at: null,
        touched_at: parameter("now"),
        media_type: parameter("media_type"),
      }),
    ),
);

/** Links of a manifest to so many blobs, whose digests are the numbered parameters. */
const insertLinks = preparedByCount((count) =>
  preparedQuery(
    (
      db,
      parameter: Parameter<{
        repository_id: number;
        manifest_digest: string;
        [place: string]: string | number;
      }>,
    ) =>
      db
        .insertInto("manifest_blobs")
        .values(
          Array.from({ length: count }, (_, place) => ({
            repository_id: sql<number>`${parameter("repository_id")}`,
            manifest_digest: sql<string>`${parameter("manifest_digest")}`,
            blob_digest: sql<string>`${parameter(String(place))}`,
          })),
        )
        .onConflict((conflict) => conflict.doNothing()),
  ),
);

/** Renews the leases of manifests that something new refers to; those that are not there are left out. */
async function renewManifests(
  trx: Transaction<Tables>,
  repositoryId: number,
  digests: readonly Digest[],
  now: number,
): Promise<void> {
  for (const chunk of chunks(digests)) {
    await trx
      .updateTable("manifests")
      .set({ touched_at: now })
      .where("repository_id", "=", repositoryId)
      .where("digest", "in", chunk)
      .execute();
  }
}

/** Values bound in one statement; SQLite allows 32,766. */
const CHUNK = 500;

function* chunks(digests: readonly Digest[]): Generator<readonly Digest[]> {
  const distinct = [...new Set(digests)];
  for (let at = 0; at < distinct.length; at += CHUNK) yield distinct.slice(at, at + CHUNK);
}

/**
 * Renews the lease of a manifest that the repository shows, for somebody who is about to refer to it: taking its row's
 * lock, so that neither collection nor a deletion decides against it meanwhile.
 *
 * @returns false when the repository does not show it
 */
export async function holdManifest(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: string,
  now: number,
): Promise<boolean> {
  const row = await trx
    .updateTable("manifests")
    .set({ touched_at: now })
    .where("repository_id", "=", repositoryId)
    .where("digest", "=", digest)
    .where("deleted_at", "is", null)
    .returning("digest")
    .executeTakeFirst();
  return row !== undefined;
}

/** On PostgreSQL: keeps anybody else from changing manifests, or pointing a tag to them, until the transaction ends. */
export async function lockManifests(
  trx: Transaction<Tables>,
  repositoryId: number,
  digests: readonly string[],
): Promise<void> {
  if (!(trx.getExecutor().adapter instanceof PostgresAdapter)) return;
  for (const chunk of chunks(digests as readonly Digest[])) {
    // only digests are ever stored
    await trx
      .selectFrom("manifests")
      .select("digest")
      .where("repository_id", "=", repositoryId)
      .where("digest", "in", chunk)
      .orderBy("digest")
      .forUpdate()
      .execute();
  }
}

/** What an index has below it, indexes inside of indexes included, also what is not there. At most {@link MOST_BELOW}. */
export async function findDescendants(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: string,
): Promise<string[]> {
  const { rows } = await sql<{ digest: string }>`
    with recursive below(digest) as (
      select child_digest from manifest_children
      where repository_id = ${repositoryId} and manifest_digest = ${digest}
      union
      select link.child_digest from below
      join manifest_children link on link.repository_id = ${repositoryId}
        and link.manifest_digest = below.digest)
    select digest from below limit ${sql.lit(MOST_BELOW)}`.execute(db);
  return rows.map((row) => row.digest).toSorted();
}

const MOST_BELOW = 10_000;

/**
 * Shows manifests again that were deleted, as far as they are there, and renews their leases and those of their
 * subjects.
 *
 * @returns those that are there
 */
export async function showManifests(
  trx: Transaction<Tables>,
  repositoryId: number,
  digests: readonly string[],
  now: number,
): Promise<string[]> {
  const shown: string[] = [];
  for (const chunk of chunks(digests as readonly Digest[])) {
    // only digests are ever stored
    const rows = await trx
      .updateTable("manifests")
      .set({ touched_at: now, deleted_at: null })
      .where("repository_id", "=", repositoryId)
      .where("digest", "in", chunk)
      .returning(["digest", "subject_digest"])
      .execute();
    const subjects = rows.flatMap(({ subject_digest: subject }) => subject ?? []);
    await renewManifests(trx, repositoryId, subjects as Digest[], now); // likewise
    shown.push(...rows.map(({ digest }) => digest));
  }
  return shown;
}

/** Hides a manifest. @returns false when the repository does not show it */
export async function hideManifest(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: Digest,
  now: number,
): Promise<boolean> {
  const row = await trx
    .updateTable("manifests")
    .set({ deleted_at: now, touched_at: now })
    .where("repository_id", "=", repositoryId)
    .where("digest", "=", digest)
    .where("deleted_at", "is", null)
    .returning("digest")
    .executeTakeFirst();
  return row !== undefined;
}

/** Indexes that a manifest is part of, at whatever depth. Index: `manifest_children` by (repository_id, child_digest). */
export async function findAncestors(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: string,
): Promise<string[]> {
  const { rows } = await sql<{ digest: string }>`
    with recursive above(digest) as (
      select manifest_digest from manifest_children
      where repository_id = ${repositoryId} and child_digest = ${digest}
      union
      select link.manifest_digest from above
      join manifest_children link on link.repository_id = ${repositoryId}
        and link.child_digest = above.digest)
    select digest from above limit ${sql.lit(MOST_BELOW)}`.execute(db);
  return rows.map((row) => row.digest);
}

/** A manifest with a subject, as the list of referrers tells of it. */
export interface Referrer {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly size: number;
  readonly annotations: string | null;
}

/**
 * Manifests whose subject is `subject`, in the order of their digests.
 * Index: `manifests_by_subject` (repository_id, subject_digest, digest).
 *
 * @param after digest of the last one of the page before
 */
export async function findReferrers(
  db: Kysely<Tables>,
  repositoryId: number,
  subject: Digest,
  page: { artifactType: string | undefined; after: string | undefined; limit: number },
): Promise<Referrer[]> {
  let query = db
    .selectFrom("manifests")
    .select([
      "digest",
      "media_type as mediaType",
      "artifact_type as artifactType",
      "size",
      "annotations",
    ])
    .where("repository_id", "=", repositoryId)
    .where("subject_digest", "=", subject)
    .where("deleted_at", "is", null);
  if (page.artifactType !== undefined) query = query.where("artifact_type", "=", page.artifactType);
  if (page.after !== undefined) query = query.where("digest", ">", page.after);
  return await query.orderBy("digest").limit(page.limit).execute();
}

/** Is a manifest shown in any repository that is not deleted? Index: `manifests` by digest. */
export async function isManifestShown(db: Kysely<Tables>, digest: Digest): Promise<boolean> {
  const row = await db
    .selectFrom("manifests")
    .innerJoin("repositories", "repositories.id", "manifests.repository_id")
    .select("manifests.digest")
    .where("manifests.digest", "=", digest)
    .where("manifests.deleted_at", "is", null)
    .where("repositories.deleted_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
