import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";

import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

/** An interval of a tag that has ended. */
export interface EndedTag {
  readonly id: number;
  readonly repositoryId: number;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly endedAt: number;
  /** How long it can be taken back, in milliseconds. */
  readonly window: number;
}

/** The shortest time for which any namespace keeps ended tags. */
export async function shortestWindow(db: Kysely<Tables>, standard: number): Promise<number> {
  const row = await db
    .selectFrom("accounts")
    .select(({ fn }) => fn.min("tag_expiration").as("shortest"))
    .executeTakeFirst();
  return Math.min(standard, row?.shortest ?? standard);
}

/**
 * A page of intervals that ended before a time, oldest first. Index: `tags` by ended_at.
 *
 * @param window of namespaces that have none of their own
 */
export async function findEndedTags(
  db: Kysely<Tables>,
  before: number,
  window: number,
  last: EndedTag | undefined,
): Promise<EndedTag[]> {
  const { rows } = await sql<EndedTag>`
    select t.id, t.repository_id as "repositoryId", coalesce(r.deleted_name, r.name) as repository,
      t.name as tag, t.manifest_digest as digest,
      t.ended_at as "endedAt", coalesce(a.tag_expiration, ${window}) as "window"
    from (
      select id, repository_id, name, manifest_digest, ended_at from tags
      where ended_at < ${before} and (ended_at, id) > (${last?.endedAt ?? 0}, ${last?.id ?? 0})
      order by ended_at, id limit ${sql.lit(PAGE)}
    ) t
    join repositories r on r.id = t.repository_id
    join accounts a on a.id = r.namespace_id
    order by t.ended_at, t.id`.execute(db);
  return rows;
}

/** An interval that has ended never opens again, so nothing else is to be checked. @returns ids of what was deleted */
export async function deleteTags(
  trx: Transaction<Tables>,
  ids: readonly number[],
): Promise<Set<number>> {
  const rows = await trx
    .deleteFrom("tags")
    .where("id", "in", ids)
    .where("ended_at", "is not", null)
    .returning("id")
    .execute();
  return new Set(rows.map(({ id }) => id));
}
