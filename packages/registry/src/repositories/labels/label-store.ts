import { randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import type { Label, NewLabel } from "./label.ts";

/** Every query: index `manifest_labels` by (repository_id, manifest_digest), whose rows are few hundreds each. */
export interface LabelledManifest {
  readonly repositoryId: number;
  readonly digest: string;
}

/**
 * Labels in the order of their keys.
 *
 * @param page `after`: key and id of the last one of the page before
 */
export async function findLabels(
  db: Kysely<Tables>,
  { repositoryId, digest }: LabelledManifest,
  page: {
    readonly prefix?: string | undefined;
    readonly after?: { readonly key: string; readonly id: string } | undefined;
    readonly limit?: number | undefined;
  } = {},
): Promise<Label[]> {
  const { prefix, after, limit } = page;
  let query = db
    .selectFrom("manifest_labels")
    .select(["uuid as id", "key", "value", "source", "media_type as mediaType"])
    .where("repository_id", "=", repositoryId)
    .where("manifest_digest", "=", digest);
  if (prefix !== undefined && prefix !== "") {
    // A range is the same on both databases; `like` minds neither case nor wildcards alike.
    query = query.where("key", ">=", prefix).where("key", "<", `${prefix}\u{10ffff}`);
  }
  if (after !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb("key", ">", after.key),
        eb.and([eb("key", "=", after.key), eb("uuid", ">", after.id)]),
      ]),
    );
  }
  query = query.orderBy("key").orderBy("uuid");
  return await (limit === undefined ? query : query.limit(limit)).execute();
}

export async function findLabel(
  db: Kysely<Tables>,
  { repositoryId, digest }: LabelledManifest,
  id: string,
): Promise<Label | undefined> {
  return await db
    .selectFrom("manifest_labels")
    .select(["uuid as id", "key", "value", "source", "media_type as mediaType"])
    .where("uuid", "=", id)
    .where("repository_id", "=", repositoryId)
    .where("manifest_digest", "=", digest)
    .executeTakeFirst();
}

export async function countLabels(
  db: Kysely<Tables>,
  { repositoryId, digest }: LabelledManifest,
  source: Label["source"],
): Promise<number> {
  const row = await db
    .selectFrom("manifest_labels")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("repository_id", "=", repositoryId)
    .where("manifest_digest", "=", digest)
    .where("source", "=", source)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Values bound in one statement: 8 each; SQLite allows 32,766. */
const CHUNK = 500;

/** @returns what was added, with ids */
export async function insertLabels(
  trx: Transaction<Tables>,
  { repositoryId, digest }: LabelledManifest,
  labels: readonly NewLabel[],
  now: number,
): Promise<Label[]> {
  const added = labels.map((label) => ({ ...label, id: randomUUID() }));
  for (let at = 0; at < added.length; at += CHUNK) {
    await trx
      .insertInto("manifest_labels")
      .values(
        added.slice(at, at + CHUNK).map(({ id, key, value, source, mediaType }) => ({
          uuid: id,
          repository_id: repositoryId,
          manifest_digest: digest,
          key,
          value,
          media_type: mediaType,
          source,
          created_at: now,
        })),
      )
      .execute();
  }
  return added;
}

/** @returns false when there was none of them */
export async function deleteLabels(
  trx: Transaction<Tables>,
  { repositoryId, digest }: LabelledManifest,
  ids: readonly string[],
): Promise<boolean> {
  let deleted = 0n;
  for (let at = 0; at < ids.length; at += CHUNK) {
    const { numDeletedRows } = await trx
      .deleteFrom("manifest_labels")
      .where("uuid", "in", ids.slice(at, at + CHUNK))
      .where("repository_id", "=", repositoryId)
      .where("manifest_digest", "=", digest)
      .executeTakeFirstOrThrow();
    deleted += numDeletedRows;
  }
  return deleted > 0n;
}
