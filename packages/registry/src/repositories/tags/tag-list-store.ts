// Long because it is one thing: the SQL of pages of tags.
import { sql } from "kysely";
import type { Kysely, SqlBool } from "kysely";
import type { Tables } from "../../database/tables.ts";
import type { EndKind } from "../tag-store.ts";

/** An interval of a tag as lists tell of it. Times in milliseconds since 1970. */
export interface ListedTag {
  readonly id: number;
  readonly name: string;
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
}

export const LISTED_COLUMNS = [
  "tags.id",
  "tags.name",
  "tags.manifest_digest as digest",
  "tags.started_at as startedAt",
  "tags.ended_at as endedAt",
  "tags.expires_at as expiresAt",
  "tags.started_by as startedBy",
  "tags.ended_by as endedBy",
  "tags.end_kind as endKind",
  "tags.immutable",
  "tags.reversion",
  "tags.size",
] as const;

export interface TagQuery {
  readonly repositoryId: number;
  /** Only this tag. */
  readonly name: string | undefined;
  /** Part of the name, whatever the case. */
  readonly contains: string | undefined;
  /** Not what has ended by then, in milliseconds since 1970; undefined: that too. */
  readonly activeAt: number | undefined;
  readonly sort: TagSort;
  readonly order: "asc" | "desc";
  readonly offset: number;
}

export type TagSort = "last_modified" | "name" | "size";

/** The values that a list is sorted by, the first of them first. */
export type TagKey = readonly (string | number)[];

export function keyOf(sort: TagSort, { id, name, startedAt, size }: ListedTag): TagKey {
  if (sort === "size") return [size, id];
  return sort === "name" ? [name, startedAt, id] : [startedAt, id];
}

const SORT_COLUMNS = {
  last_modified: ["tags.started_at", "tags.id"],
  name: ["tags.name", "tags.started_at", "tags.id"],
  size: ["tags.size", "tags.id"],
} as const satisfies Readonly<Record<TagSort, readonly string[]>>;

/**
 * Intervals of tags in order. Indexes: `tags_by_start`, `tags_open_by_start` for active ones;
 * by (repository_id, name, started_at) for one tag or by name, `tags_open` for active ones; `tags_open_by_size`.
 *
 * @param after key of the last one of the page before
 */
export async function listTags(
  db: Kysely<Tables>,
  query: TagQuery,
  after: TagKey | undefined,
  limit: number,
): Promise<ListedTag[]> {
  const columns = SORT_COLUMNS[query.sort];
  let keys = db
    .selectFrom("tags")
    .select("tags.id")
    .where("repository_id", "=", query.repositoryId);
  if (query.name !== undefined) keys = keys.where("name", "=", query.name);
  if (query.contains !== undefined) {
    keys = keys.where(
      sql<SqlBool>`lower(tags.name) like ${likePattern(query.contains)} escape '!'`,
    );
  }
  const { activeAt } = query;
  if (activeAt !== undefined) {
    keys = keys
      .where("ended_at", "is", null)
      .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", activeAt)]));
  }
  if (after !== undefined) {
    const sign = sql.raw(query.order === "asc" ? ">" : "<");
    keys = keys.where(
      sql<SqlBool>`(${sql.join(columns.map((column) => sql.ref(column)))}) ${sign} (${sql.join(after)})`,
    );
  }
  for (const column of columns) keys = keys.orderBy(column, query.order);
  keys = keys.limit(limit);
  if (query.offset > 0) keys = keys.offset(query.offset);
  let rows = db
    .selectFrom(keys.as("page"))
    .innerJoin("tags", "tags.id", "page.id")
    .select(LISTED_COLUMNS);
  for (const column of columns) rows = rows.orderBy(column, query.order);
  return rows.execute();
}

function likePattern(part: string): string {
  return `%${part.toLowerCase().replaceAll(/[!%_]/g, "!$&")}%`;
}

/** What lists tell of the manifests of tags. Primary key. */
export async function findListedManifests(
  db: Kysely<Tables>,
  repositoryId: number,
  digests: readonly string[],
): Promise<{ digest: string; kind: "image" | "index"; platform: string | null }[]> {
  if (digests.length === 0) return [];
  return db
    .selectFrom("manifests")
    .select(["digest", "kind", "platform"])
    .where("repository_id", "=", repositoryId)
    .where("digest", "in", digests)
    .execute();
}

export interface ListedChild {
  readonly index: string;
  readonly digest: string;
  readonly platform: string | null;
  /** 1: the repository shows it. */
  readonly isPresent: number;
}

/** The manifests of some indexes, at most so many together. Primary keys. */
export async function findListedChildren(
  db: Kysely<Tables>,
  repositoryId: number,
  indexes: readonly string[],
  limit: number,
): Promise<ListedChild[]> {
  if (indexes.length === 0) return [];
  return db
    .selectFrom("manifest_children as link")
    .leftJoin("manifests as child", (join) =>
      join
        .onRef("child.repository_id", "=", "link.repository_id")
        .onRef("child.digest", "=", "link.child_digest")
        .on("child.deleted_at", "is", null),
    )
    .select([
      "link.manifest_digest as index",
      "link.child_digest as digest",
      "child.platform",
      sql<number>`case when child.digest is null then 0 else 1 end`.as("isPresent"),
    ])
    .where("link.repository_id", "=", repositoryId)
    .where("link.manifest_digest", "in", indexes)
    .orderBy("link.manifest_digest")
    .orderBy("link.child_digest")
    .limit(limit)
    .execute();
}

/** Primary key of `tag_pulls`. */
export async function findTagPulls(
  db: Kysely<Tables>,
  repositoryId: number,
  names: readonly string[],
): Promise<{ name: string; pulls: number; lastPulledAt: number }[]> {
  if (names.length === 0) return [];
  return db
    .selectFrom("tag_pulls")
    .select(["name", "pulls", "last_pulled_at as lastPulledAt"])
    .where("repository_id", "=", repositoryId)
    .where("name", "in", names)
    .execute();
}
