import { sql } from "kysely";
import type { Kysely, RawBuilder } from "kysely";
import type { Tables } from "../../database/tables.ts";
import type { EndKind } from "../tag-store.ts";

/** A tag as it was at a time, and as it is now. Times in milliseconds since 1970. */
export interface PastTag {
  readonly name: string;
  /** The last interval that had begun by then; null: none is known. */
  readonly id: number | null;
  readonly digest: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly expiresAt: number | null;
  readonly startedBy: string | null;
  readonly endedBy: string | null;
  readonly endKind: EndKind | null;
  readonly immutable: number;
  readonly reversion: number;
  readonly size: number;
  /** Of the open interval; null: there is none. */
  readonly openDigest: string | null;
  readonly openExpiresAt: number | null;
  /** 1: protected by itself. */
  readonly openImmutable: number | null;
}

/** Did the tag point to `digest` then? */
export function wasThere({ id, endedAt, expiresAt }: PastTag, at: number): boolean {
  return id !== null && (endedAt ?? expiresAt ?? Infinity) > at;
}

/**
 * The tags of a repository by name as they were at a time. It goes from name to name by the index, however many
 * intervals each has: `tags` by (repository_id, name, started_at), and `tags_open`.
 *
 * @param after the last name of the page before
 */
export async function findPastTags(
  db: Kysely<Tables>,
  repositoryId: number,
  at: number,
  after: string,
  limit: number,
): Promise<PastTag[]> {
  const next = (name: RawBuilder<unknown>): RawBuilder<unknown> => sql`(
    select following.name from tags following
    where following.repository_id = ${repositoryId} and following.name > ${name}
    order by following.name limit 1)`;
  const { rows } = await sql<PastTag>`
    with recursive names(name) as (
      select ${next(sql`${after}`)}
      union all
      select ${next(sql`names.name`)} from names where names.name is not null),
    page as (select name from names where name is not null limit ${limit})
    ${pastTags(repositoryId, at)}`.execute(db);
  return rows;
}

/** As {@link findPastTags}, some tags; those that never were are left out. */
export async function findNamedPastTags(
  db: Kysely<Tables>,
  repositoryId: number,
  at: number,
  names: readonly string[],
): Promise<PastTag[]> {
  if (names.length === 0) return [];
  const { rows } = await sql<PastTag>`
    with page as (
      select distinct name from tags
      where repository_id = ${repositoryId} and name in (${sql.join(names)}))
    ${pastTags(repositoryId, at)}`.execute(db);
  return rows;
}

function pastTags(repositoryId: number, at: number): RawBuilder<unknown> {
  return sql`select page.name, t.id, t.manifest_digest as digest, t.started_at as "startedAt",
      t.ended_at as "endedAt", t.expires_at as "expiresAt", t.started_by as "startedBy",
      t.ended_by as "endedBy", t.end_kind as "endKind", t.immutable, t.reversion, t.size,
      o.manifest_digest as "openDigest", o.expires_at as "openExpiresAt",
      o.immutable as "openImmutable"
    from page
    left join tags t on t.id = (
      select past.id from tags past
      where past.repository_id = ${repositoryId} and past.name = page.name
        and past.started_at <= ${at}
      order by past.started_at desc, past.id desc limit 1)
    left join tags o on o.repository_id = ${repositoryId} and o.name = page.name
      and o.ended_at is null
    order by page.name`;
}
