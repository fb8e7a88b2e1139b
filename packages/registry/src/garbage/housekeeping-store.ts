import type { Kysely, Transaction } from "kysely";

import type { Tables } from "../database/tables.ts";
import { PAGE } from "./pages.ts";

/** Rows whose time is over. */
export interface ExpiredRows {
  /** A page of their keys. */
  readonly find: (db: Kysely<Tables>, before: number, last: string) => Promise<string[]>;
  /** @returns keys of what was deleted */
  readonly remove: (
    trx: Transaction<Tables>,
    before: number,
    keys: readonly string[],
  ) => Promise<string[]>;
}

/** Keys that have signed nothing that is still accepted. */
export const expiredSigningKeys: ExpiredRows = {
  async find(db, before, last) {
    const rows = await db
      .selectFrom("signing_keys")
      .select("kid")
      .where("expires_at", "<", before)
      .where("kid", ">", last)
      .orderBy("kid")
      .limit(PAGE)
      .execute();
    return rows.map(({ kid }) => kid);
  },
  async remove(trx, before, keys) {
    const rows = await trx
      .deleteFrom("signing_keys")
      .where("kid", "in", keys)
      .where("expires_at", "<", before)
      .returning("kid")
      .execute();
    return rows.map(({ kid }) => kid);
  },
};

export const expiredCredentials: ExpiredRows = rowsById("credentials", "expires_at");
export const oldReports: ExpiredRows = rowsById("collections", "finished_at");

/** Plans for squashing that nobody uses; the key is that of their layers. Index: `squash_plans` by used_at. */
export const unusedPlans: ExpiredRows = {
  async find(db, before, last) {
    const rows = await db
      .selectFrom("squash_plans")
      .select("layers_id")
      .distinct()
      .where("layers_id", ">", last)
      .where("used_at", "<", before)
      .orderBy("layers_id")
      .limit(PAGE)
      .execute();
    return rows.map((row) => row.layers_id);
  },
  async remove(trx, before, keys) {
    const rows = await trx
      .deleteFrom("squash_plans")
      .where("layers_id", "in", keys)
      .where("used_at", "<", before)
      .returning("layers_id")
      .execute();
    return [...new Set(rows.map((row) => row.layers_id))];
  },
};

/** Jobs that were given up. Index: `jobs` by (state, run_at). */
export const deadJobs: ExpiredRows = {
  async find(db, before, last) {
    const rows = await db
      .selectFrom("jobs")
      .select("id")
      .where("state", "=", "dead")
      .where("run_at", "<", before)
      .where("id", ">", Number(last))
      .orderBy("id")
      .limit(PAGE)
      .execute();
    return rows.map(({ id }) => String(id));
  },
  async remove(trx, before, keys) {
    const rows = await trx
      .deleteFrom("jobs")
      .where("id", "in", keys.map(Number))
      .where("state", "=", "dead")
      .where("run_at", "<", before)
      .returning("id")
      .execute();
    return rows.map(({ id }) => String(id));
  },
};

/** By primary key: these tables are small. */
function rowsById(
  ...[table, column]: ["credentials", "expires_at"] | ["collections", "finished_at"]
): ExpiredRows {
  const time = `${table}.${column}` as "credentials.expires_at"; // either table has `id` and a time that may be null
  const name = table as "credentials";
  return {
    async find(db, before, last) {
      const rows = await db
        .selectFrom(name)
        .select("id")
        .where(time, "<", before)
        .where("id", ">", Number(last))
        .orderBy("id")
        .limit(PAGE)
        .execute();
      return rows.map(({ id }) => String(id));
    },
    async remove(trx, before, keys) {
      const rows = await trx
        .deleteFrom(name)
        .where("id", "in", keys.map(Number))
        .where(time, "<", before)
        .returning("id")
        .execute();
      return rows.map(({ id }) => String(id));
    },
  };
}
