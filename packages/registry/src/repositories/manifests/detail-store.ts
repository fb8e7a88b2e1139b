import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** What the database knows of a manifest besides its content. */
export interface ManifestRow {
  readonly digest: string;
  readonly artifactType: string | null;
  /** Of the manifest itself. */
  readonly size: number;
  readonly createdAt: number;
}

export async function findManifestRow(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: string,
): Promise<ManifestRow | undefined> {
  return await db
    .selectFrom("manifests")
    .select(["digest", "artifact_type as artifactType", "size", "created_at as createdAt"])
    .where("repository_id", "=", repositoryId)
    .where("digest", "=", digest)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
}

/** A manifest of an index that is there. */
export interface PresentChild {
  readonly digest: string;
  readonly artifactType: string | null;
  readonly platform: string | null;
  /** Of its config and layers. */
  readonly totalSize: number;
}

/** Values bound in one statement; SQLite allows 32,766. */
const CHUNK = 500;

/** Which of some manifests a repository has. */
export async function findPresent(
  db: Kysely<Tables>,
  repositoryId: number,
  digests: readonly string[],
): Promise<PresentChild[]> {
  const found: PresentChild[] = [];
  for (let at = 0; at < digests.length; at += CHUNK) {
    const rows = await db
      .selectFrom("manifests")
      .select(["digest", "artifact_type as artifactType", "platform", "total_size as totalSize"])
      .where("repository_id", "=", repositoryId)
      .where("digest", "in", digests.slice(at, at + CHUNK))
      .where("deleted_at", "is", null)
      .execute();
    found.push(...rows);
  }
  return found;
}

/** Intervals of tags that are looked at; a manifest that more point to is told of with some of them. */
const MOST_INTERVALS = 10_000;

/** Names of the tags that point to a manifest. Index: `tags` by (repository_id, manifest_digest). */
export async function findTagsOf(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: string,
  now: number,
  limit: number,
): Promise<string[]> {
  // Sorted outside: otherwise SQLite reads all tags of the repository in the order of their names.
  const rows = await db
    .selectFrom((eb) =>
      eb
        .selectFrom("tags")
        .select("name")
        .where("repository_id", "=", repositoryId)
        .where("manifest_digest", "=", digest)
        .where("ended_at", "is", null)
        .where((or) => or.or([or("expires_at", "is", null), or("expires_at", ">", now)]))
        .limit(MOST_INTERVALS)
        .as("pointing"),
    )
    .select("name")
    .orderBy("name")
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}

/** A manifest that is attached to another one. */
export interface AttachedManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly totalSize: number;
  readonly createdAt: number;
  /** JSON; null where they are longer than {@link MOST_ANNOTATIONS}. */
  readonly annotations: string | null;
  /** Under which it was found. */
  readonly tag: string | null;
}

/** Characters of the annotations of one artifact that are told. */
const MOST_ANNOTATIONS = 16_384;

const ATTACHED = [
  "manifests.digest",
  "manifests.media_type as mediaType",
  "manifests.artifact_type as artifactType",
  "manifests.total_size as totalSize",
  "manifests.created_at as createdAt",
] as const;

const ANNOTATIONS = sql<string | null>`case when length(manifests.annotations) <= ${sql.lit(
  MOST_ANNOTATIONS,
)} then manifests.annotations end`.as("annotations");

/**
 * Those whose subject it is. Index: `manifests_by_subject` (repository_id, subject_digest, digest); asked for in an order, SQLite would
 * read all manifests of the repository.
 */
export async function findReferring(
  db: Kysely<Tables>,
  repositoryId: number,
  subject: string,
  limit: number,
): Promise<AttachedManifest[]> {
  return await db
    .selectFrom("manifests")
    .select([...ATTACHED, ANNOTATIONS, sql<string | null>`null`.as("tag")])
    .where("repository_id", "=", repositoryId)
    .where("subject_digest", "=", subject)
    .where("deleted_at", "is", null)
    .limit(limit)
    .execute();
}

/** Those that some tags point to. Index: `tags` by (repository_id, name) of open intervals. */
export async function findTagged(
  db: Kysely<Tables>,
  repositoryId: number,
  names: readonly string[],
  now: number,
): Promise<AttachedManifest[]> {
  return await db
    .selectFrom("tags")
    .innerJoin("manifests", (join) =>
      join
        .onRef("manifests.repository_id", "=", "tags.repository_id")
        .onRef("manifests.digest", "=", "tags.manifest_digest"),
    )
    .select([...ATTACHED, ANNOTATIONS, "tags.name as tag"])
    .where("tags.repository_id", "=", repositoryId)
    .where("tags.name", "in", names)
    .where("tags.ended_at", "is", null)
    .where((eb) => eb.or([eb("tags.expires_at", "is", null), eb("tags.expires_at", ">", now)]))
    .where("manifests.deleted_at", "is", null)
    .orderBy("tags.name")
    .execute();
}
