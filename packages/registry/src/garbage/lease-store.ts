import { sql } from "kysely";
import type { Transaction } from "kysely";

import type { Tables } from "../database/tables.ts";

const NAME = "collection";

/** @returns false when another process holds the lease */
export async function acquireLease(
  trx: Transaction<Tables>,
  owner: string,
  now: number,
  until: number,
): Promise<boolean> {
  const row = await trx
    .insertInto("leases")
    .values({ name: NAME, owner, until })
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet({ owner, until })
        .where(sql.ref("leases.until"), "<=", now),
    )
    .returning("owner")
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns false when another process has taken over */
export async function renewLease(
  trx: Transaction<Tables>,
  owner: string,
  until: number,
): Promise<boolean> {
  const row = await trx
    .updateTable("leases")
    .set({ until })
    .where("name", "=", NAME)
    .where("owner", "=", owner)
    .returning("owner")
    .executeTakeFirst();
  return row !== undefined;
}

export async function releaseLease(trx: Transaction<Tables>, owner: string): Promise<void> {
  await trx.deleteFrom("leases").where("name", "=", NAME).where("owner", "=", owner).execute();
}
