import type { Transaction } from "kysely";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";

/**
 * The value of a setting that is made once and shared by all replicas.
 *
 * @param make a value for the case that there is none; two replicas may both make one, and one of them wins
 */
export async function settle(database: Database, key: string, make: () => string): Promise<string> {
  const found = await find(database.read, key);
  if (found !== undefined) return found;
  const value = make();
  return database.transaction(async (trx) => {
    await trx
      .insertInto("settings")
      .values({ key, value })
      .onConflict((conflict) => conflict.column("key").doNothing())
      .execute();
    return (await find(trx, key)) ?? value;
  });
}

/** Writes a setting that can be written once. @returns false when there is one; waits for whoever is at it */
export async function claim(
  trx: Transaction<Tables>,
  key: string,
  value: string,
): Promise<boolean> {
  const row = await trx
    .insertInto("settings")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .returning("key")
    .executeTakeFirst();
  return row !== undefined;
}

async function find(db: Database["read"], key: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("settings")
    .select("value")
    .where("key", "=", key)
    .executeTakeFirst();
  return row?.value;
}
