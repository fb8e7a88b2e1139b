import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";

type Reader = Kysely<Tables>;

/** What pulls and pushes do not need to know of a repository. Times in milliseconds since 1970. */
export interface RepositoryFacts {
  readonly description: string;
  readonly createdAt: number;
  /** 0: never. */
  readonly pushedAt: number;
  readonly namespaceKind: "user" | "organization" | "robot";
}

/** @throws {Error} when it is gone at this very moment: the caller has just found it */
export async function findFacts(db: Reader, id: number): Promise<RepositoryFacts> {
  return db
    .selectFrom("repositories as r")
    .innerJoin("accounts as a", "a.id", "r.namespace_id")
    .select([
      "r.description",
      "r.created_at as createdAt",
      "r.pushed_at as pushedAt",
      "a.kind as namespaceKind",
    ])
    .where("r.id", "=", id)
    .executeTakeFirstOrThrow();
}

/** A tag as its repository is described with it. Times in milliseconds since 1970. */
export interface TagFacts {
  readonly name: string;
  readonly digest: string;
  readonly size: number;
  readonly startedAt: number;
  readonly expiresAt: number | null;
}

/** Tags by name. Index: tags_open. */
export async function listFirstTags(
  db: Reader,
  repositoryId: number,
  now: number,
  limit: number,
): Promise<TagFacts[]> {
  return db
    .selectFrom("tags")
    .select([
      "name",
      "manifest_digest as digest",
      "size",
      "started_at as startedAt",
      "expires_at as expiresAt",
    ])
    .where("repository_id", "=", repositoryId)
    .where("ended_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
    .orderBy("name")
    .limit(limit)
    .execute();
}

/** Days that count for how popular a repository is. */
const POPULAR_DAYS = 90;
const DAY = 86_400_000;

/** Pulls of some repositories in the last 90 days, by their ids. Index: the primary key of `pull_days`. */
export async function findPopularity(
  db: Reader,
  ids: readonly number[],
  now: number,
): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("pull_days")
    .select(["repository_id as id", sql<number>`sum(pulls)`.as("pulls")])
    .where("repository_id", "in", ids)
    .where("day", ">", Math.floor(now / DAY) - POPULAR_DAYS)
    .groupBy("repository_id")
    .execute();
  return new Map(rows.map(({ id, pulls }) => [id, pulls]));
}
