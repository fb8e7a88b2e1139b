import type { Digest } from "@wharf/image";
import type { Kysely, Transaction } from "kysely";
import { preparedQuery } from "../database/prepared-query.ts";
import type { Parameter } from "../database/prepared-query.ts";
import type { Tables } from "../database/tables.ts";

/** What a change of a tag has done. */
export interface TagChange {
  readonly tag: string;
  /** What it pointed to before; undefined: it is new. */
  readonly before: string | undefined;
}

/** Times that a push to the same tag at the same moment may come in between. */
const ATTEMPTS = 20;

/**
 * Points a tag to a manifest: the open interval ends and another begins. A tag that points there already is left as it
 * is. Index: `tags` by (repository_id, name) of open intervals, unique.
 *
 * @returns undefined when nothing changed
 */
export async function moveTag(
  trx: Transaction<Tables>,
  repositoryId: number,
  tag: string,
  digest: Digest,
  by: string | undefined,
  now: number,
): Promise<TagChange | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const open = await OPEN_TAG.first(trx, { repositoryId, tag });
    if (open?.manifest_digest === digest) return undefined;
    if (open !== undefined) {
      await trx
        .updateTable("tags")
        .set({ ended_at: now })
        .where("id", "=", open.id)
        .where("ended_at", "is", null)
        .execute();
    }
    const row = await BEGIN_TAG.first(trx, { repositoryId, tag, digest, by: by ?? null, now });
    // Nothing inserted: another push (PostgreSQL) has opened an interval since we looked; ours comes after it.
    if (row !== undefined) return { tag, before: open?.manifest_digest };
  }
  throw new Error(`the tag is being moved by too many pushes at once`);
}

const OPEN_TAG = preparedQuery((db, parameter: Parameter<{ repositoryId: number; tag: string }>) =>
  db
    .selectFrom("tags")
    .select(["id", "manifest_digest"])
    .where("repository_id", "=", parameter("repositoryId"))
    .where("name", "=", parameter("tag"))
    .where("ended_at", "is", null),
);

interface NewTag {
  readonly repositoryId: number;
  readonly tag: string;
  readonly digest: string;
  readonly by: string | null;
  readonly now: number;
}

const BEGIN_TAG = preparedQuery((db, parameter: Parameter<NewTag>) =>
  db
    .insertInto("tags")
    .values({
      repository_id: parameter("repositoryId"),
      name: parameter("tag"),
      manifest_digest: parameter("digest"),
      started_at: parameter("now"),
      ended_at: null,
      started_by: parameter("by"),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id"),
);

/** Ends the open interval of a tag. @returns the digest it pointed to, or undefined when there is no such tag */
export async function endTag(
  trx: Transaction<Tables>,
  repositoryId: number,
  tag: string,
  now: number,
): Promise<string | undefined> {
  const row = await trx
    .updateTable("tags")
    .set({ ended_at: now })
    .where("repository_id", "=", repositoryId)
    .where("name", "=", tag)
    .where("ended_at", "is", null)
    .returning("manifest_digest")
    .executeTakeFirst();
  return row?.manifest_digest;
}

/** Ends all tags that point to a manifest. Index: `tags` by (repository_id, manifest_digest). @returns their names */
export async function endTagsOf(
  trx: Transaction<Tables>,
  repositoryId: number,
  digest: Digest,
  now: number,
): Promise<string[]> {
  const rows = await trx
    .updateTable("tags")
    .set({ ended_at: now })
    .where("repository_id", "=", repositoryId)
    .where("manifest_digest", "=", digest)
    .where("ended_at", "is", null)
    .returning("name")
    .execute();
  return rows.map(({ name }) => name);
}

/**
 * Names of tags in byte order. Index: `tags` by (repository_id, name) of open intervals.
 *
 * @param after the last name of the page before
 */
export async function findTagNames(
  db: Kysely<Tables>,
  repositoryId: number,
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  let query = db
    .selectFrom("tags")
    .select("name")
    .where("repository_id", "=", repositoryId)
    .where("ended_at", "is", null);
  if (after !== undefined) query = query.where("name", ">", after);
  const rows = await query.orderBy("name").limit(limit).execute();
  return rows.map(({ name }) => name);
}
