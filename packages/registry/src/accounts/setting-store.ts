import type { Database } from "../database/database.ts";

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

async function find(db: Database["read"], key: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("settings")
    .select("value")
    .where("key", "=", key)
    .executeTakeFirst();
  return row?.value;
}
