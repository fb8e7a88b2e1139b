import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export async function isStarred(
  db: Reader,
  accountId: number,
  repositoryId: number,
): Promise<boolean> {
  return (await findStarred(db, accountId, [repositoryId])).has(repositoryId);
}

/** Which of some repositories an account has starred. */
export async function findStarred(
  db: Reader,
  accountId: number,
  repositoryIds: readonly number[],
): Promise<Set<number>> {
  if (repositoryIds.length === 0) return new Set();
  const rows = await db
    .selectFrom("stars")
    .select("repository_id")
    .where("account_id", "=", accountId)
    .where("repository_id", "in", repositoryIds)
    .execute();
  return new Set(rows.map(({ repository_id }) => repository_id));
}

/** How many have starred some repositories, by their ids. Index: stars_by_repository_id. */
export async function countStars(
  db: Reader,
  repositoryIds: readonly number[],
): Promise<Map<number, number>> {
  if (repositoryIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("stars")
    .select(["repository_id as id", sql<number>`count(*)`.as("stars")])
    .where("repository_id", "in", repositoryIds)
    .groupBy("repository_id")
    .execute();
  return new Map(rows.map(({ id, stars }) => [id, stars]));
}

/** Once is as good as often. */
export async function insertStar(
  trx: Writer,
  accountId: number,
  repositoryId: number,
  now: number,
): Promise<void> {
  await trx
    .insertInto("stars")
    .values({ account_id: accountId, repository_id: repositoryId, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function deleteStar(
  trx: Writer,
  accountId: number,
  repositoryId: number,
): Promise<void> {
  await trx
    .deleteFrom("stars")
    .where("account_id", "=", accountId)
    .where("repository_id", "=", repositoryId)
    .execute();
}
