import { sql } from "kysely";
import type { Kysely, RawBuilder, Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";

/** Milliseconds of a day. */
export const DAY = 86_400_000;

/** Pulls of one manifest under one name. */
export interface CountedPulls {
  readonly repositoryId: number;
  readonly tag: string | undefined;
  readonly digest: string;
  readonly pulls: number;
  /** Milliseconds since 1970. */
  readonly lastAt: number;
}

/** Adds pulls to those that are counted already, all or none; those of repositories that are gone are left out. */
export async function addPulls(database: Database, counts: readonly CountedPulls[]): Promise<void> {
  await database.transaction(async (trx) => {
    const ids = await heldRepositories(
      trx,
      database.dialect,
      counts.map(({ repositoryId }) => repositoryId),
    );
    const kept = counts.filter(({ repositoryId }) => ids.has(repositoryId));
    for (const rows of chunks(summed(kept, ({ tag }) => tag))) await addTagPulls(trx, rows);
    for (const rows of chunks(summed(kept, ({ digest }) => digest))) {
      await addManifestPulls(trx, rows);
    }
    const days = summed(kept, ({ lastAt }) => String(Math.floor(lastAt / DAY)));
    for (const rows of chunks(days)) await addPullDays(trx, rows);
  });
}

/** Repositories that are there; on PostgreSQL they stay until the transaction ends. */
async function heldRepositories(
  trx: Transaction<Tables>,
  dialect: Database["dialect"],
  all: readonly number[],
): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  const ids = [...new Set(all)].toSorted((a, b) => a - b);
  for (const chunk of chunks(ids)) {
    const query = trx.selectFrom("repositories").select("id").where("id", "in", chunk);
    const rows = await (
      dialect === "postgres" ? query.orderBy("id").forKeyShare() : query
    ).execute();
    for (const { id } of rows) found.add(id);
  }
  return found;
}

interface Sum {
  readonly repositoryId: number;
  readonly name: string;
  pulls: number;
  lastAt: number;
}

/** Sums by repository and name, in the same order everywhere: two replicas wait for each other in turn, never crosswise. */
function summed(
  counts: readonly CountedPulls[],
  nameOf: (counted: CountedPulls) => string | undefined,
): Sum[] {
  const sums = new Map<string, Sum>();
  for (const counted of counts) {
    const name = nameOf(counted);
    if (name === undefined) continue;
    const { repositoryId, pulls, lastAt } = counted;
    const key = `${String(repositoryId).padStart(16, "0")} ${name}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { repositoryId, name, pulls, lastAt });
    else {
      sum.pulls += pulls;
      sum.lastAt = Math.max(sum.lastAt, lastAt);
    }
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

/** Rows of one statement; SQLite binds 32,766 values. */
const CHUNK = 500;

function* chunks<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += CHUNK) yield all.slice(at, at + CHUNK);
}

async function addTagPulls(trx: Transaction<Tables>, sums: readonly Sum[]): Promise<void> {
  await trx
    .insertInto("tag_pulls")
    .values(
      sums.map(({ repositoryId, name, pulls, lastAt }) => ({
        repository_id: repositoryId,
        name,
        pulls,
        last_pulled_at: lastAt,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["repository_id", "name"]).doUpdateSet({
        pulls: sql<number>`tag_pulls.pulls + excluded.pulls`,
        last_pulled_at: later("tag_pulls"),
      }),
    )
    .execute();
}

async function addManifestPulls(trx: Transaction<Tables>, sums: readonly Sum[]): Promise<void> {
  await trx
    .insertInto("manifest_pulls")
    .values(
      sums.map(({ repositoryId, name, pulls, lastAt }) => ({
        repository_id: repositoryId,
        digest: name,
        pulls,
        last_pulled_at: lastAt,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["repository_id", "digest"]).doUpdateSet({
        pulls: sql<number>`manifest_pulls.pulls + excluded.pulls`,
        last_pulled_at: later("manifest_pulls"),
      }),
    )
    .execute();
}

/** Another replica may have written a later one. */
function later(table: "tag_pulls" | "manifest_pulls"): RawBuilder<number> {
  const known = sql.ref(`${table}.last_pulled_at`);
  return sql<number>`case when ${known} > excluded.last_pulled_at then ${known} else excluded.last_pulled_at end`;
}

async function addPullDays(trx: Transaction<Tables>, sums: readonly Sum[]): Promise<void> {
  await trx
    .insertInto("pull_days")
    .values(
      sums.map(({ repositoryId, name, pulls }) => ({
        repository_id: repositoryId,
        day: Number(name),
        pulls,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["repository_id", "day"]).doUpdateSet({
        pulls: sql<number>`pull_days.pulls + excluded.pulls`,
      }),
    )
    .execute();
}

/** How often something was pulled, and when last, in milliseconds since 1970. */
export interface PullCount {
  readonly pulls: number;
  readonly lastPulledAt: number | undefined;
}

const NEVER: PullCount = Object.freeze({ pulls: 0, lastPulledAt: undefined });

export async function findTagPulls(
  db: Kysely<Tables>,
  repositoryId: number,
  tag: string,
): Promise<PullCount> {
  const row = await db
    .selectFrom("tag_pulls")
    .select(["pulls", "last_pulled_at as lastPulledAt"])
    .where("repository_id", "=", repositoryId)
    .where("name", "=", tag)
    .executeTakeFirst();
  return row ?? NEVER;
}

export async function findManifestPulls(
  db: Kysely<Tables>,
  repositoryId: number,
  digest: string,
): Promise<PullCount> {
  const row = await db
    .selectFrom("manifest_pulls")
    .select(["pulls", "last_pulled_at as lastPulledAt"])
    .where("repository_id", "=", repositoryId)
    .where("digest", "=", digest)
    .executeTakeFirst();
  return row ?? NEVER;
}

/** @param since days since 1970 */
export async function findPullDays(
  db: Kysely<Tables>,
  repositoryId: number,
  since: number,
): Promise<{ day: number; pulls: number }[]> {
  return await db
    .selectFrom("pull_days")
    .select(["day", "pulls"])
    .where("repository_id", "=", repositoryId)
    .where("day", ">=", since)
    .orderBy("day")
    .execute();
}
