import type { Kysely, Transaction } from "kysely";
import { preparedQuery } from "../../database/prepared-query.ts";
import type { Parameter } from "../../database/prepared-query.ts";
import type { Database } from "../../database/database.ts";
import type { Tables } from "../../database/tables.ts";
import { EXPIRES_AFTER, IMMUTABLE } from "../tags/tag-marks.ts";

/** A manifest that nobody has described yet, and where it is. */
export interface UndescribedManifest {
  readonly repositoryId: number;
  readonly digest: string;
}

/** Those pushed last come first. Index: `manifests_undescribed` by touched_at. */
export async function findUndescribed(
  db: Kysely<Tables>,
  limit: number,
): Promise<UndescribedManifest[]> {
  return await db
    .selectFrom("manifests")
    .select(["repository_id as repositoryId", "digest"])
    .where("described_at", "is", null)
    .where("deleted_at", "is", null)
    .orderBy("touched_at", "desc")
    .limit(limit)
    .execute();
}

/** What is there to do for a manifest that was pushed. */
export interface PushedDescription {
  readonly describedAt: number | null;
  /** How many labels it has that change tags. */
  readonly acts: number | null;
}

/** Indexes: the key of `manifests`, `manifest_labels` by (repository_id, manifest_digest). */
export async function findDescription(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: string,
): Promise<PushedDescription | undefined> {
  return await FIND.first(db, { repositoryId, digest });
}

const FIND = preparedQuery((db, parameter: Parameter<{ repositoryId: number; digest: string }>) =>
  db
    .selectFrom("manifests")
    .select(["manifests.described_at as describedAt"])
    .select((eb) =>
      eb
        .selectFrom("manifest_labels as label")
        .select((inner) => inner.fn.countAll<number>().as("count"))
        .whereRef("label.repository_id", "=", "manifests.repository_id")
        .whereRef("label.manifest_digest", "=", "manifests.digest")
        .where("label.key", "in", [EXPIRES_AFTER, IMMUTABLE])
        .as("acts"),
    )
    .where("manifests.repository_id", "=", parameter("repositoryId"))
    .where("manifests.digest", "=", parameter("digest")),
);

/** Keeps others from describing the same manifest meanwhile. @returns false when it is gone */
export async function lockManifest(
  trx: Transaction<Tables>,
  dialect: Database["dialect"],
  repositoryId: number,
  digest: string,
): Promise<boolean> {
  const query = trx
    .selectFrom("manifests")
    .select("digest")
    .where("repository_id", "=", repositoryId)
    .where("digest", "=", digest)
    .where("deleted_at", "is", null);
  const row = await (dialect === "postgres" ? query.forUpdate() : query).executeTakeFirst();
  return row !== undefined;
}

export async function saveDescription(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: string,
  description: { readonly platform: string | undefined; readonly configDigest: string | undefined },
  now: number,
): Promise<void> {
  await trx
    .updateTable("manifests")
    .set({
      platform: description.platform ?? null,
      config_digest: description.configDigest ?? null,
      described_at: now,
    })
    .where("repository_id", "=", repositoryId)
    .where("digest", "=", digest)
    .execute();
}

/** A label that changes tags. */
export interface ActingLabel {
  readonly digest: string;
  readonly key: string;
  readonly value: string;
}

/** Of some manifests of a repository, the oldest first. Index: `manifest_labels` by (repository_id, manifest_digest). */
export async function findActingLabels(
  db: Kysely<Tables>,
  repositoryId: number,
  digests: readonly string[],
): Promise<ActingLabel[]> {
  return await db
    .selectFrom("manifest_labels")
    .select(["manifest_digest as digest", "key", "value"])
    .where("repository_id", "=", repositoryId)
    .where("manifest_digest", "in", digests)
    .where("key", "in", [EXPIRES_AFTER, IMMUTABLE])
    .orderBy("created_at")
    .execute();
}

/** The time of the last push, exact to a second; an earlier one changes nothing. */
export async function savePushTime(
  trx: Transaction<Tables>,
  repositoryIds: readonly number[],
  at: number,
): Promise<void> {
  await trx
    .updateTable("repositories")
    .set({ pushed_at: at })
    .where("id", "in", repositoryIds)
    .where("pushed_at", "<=", at - 1000)
    .execute();
}
