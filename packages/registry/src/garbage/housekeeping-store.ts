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
export const expiredInvitations: ExpiredRows = rowsById("team_invitations", "expires_at");

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

/** Sessions of browsers that nobody goes on with. Index: sessions_by_expires_at. */
export const endedSessions: ExpiredRows = {
  async find(db, before, last) {
    const rows = await db
      .selectFrom("sessions")
      .select("id_hash")
      .where("expires_at", "<", before)
      .where("id_hash", ">", last)
      .orderBy("id_hash")
      .limit(PAGE)
      .execute();
    return rows.map((row) => row.id_hash);
  },
  async remove(trx, before, keys) {
    const rows = await trx
      .deleteFrom("sessions")
      .where("id_hash", "in", keys)
      .where("expires_at", "<", before)
      .returning("id_hash")
      .execute();
    return rows.map((row) => row.id_hash);
  },
};

/** Codes that nobody has used. Index: mail_codes_by_expires_at. */
export const expiredMailCodes: ExpiredRows = {
  async find(db, before, last) {
    const rows = await db
      .selectFrom("mail_codes")
      .select("code_hash")
      .where("expires_at", "<", before)
      .where("code_hash", ">", last)
      .orderBy("code_hash")
      .limit(PAGE)
      .execute();
    return rows.map((row) => row.code_hash);
  },
  async remove(trx, before, keys) {
    const rows = await trx
      .deleteFrom("mail_codes")
      .where("code_hash", "in", keys)
      .where("expires_at", "<", before)
      .returning("code_hash")
      .execute();
    return rows.map((row) => row.code_hash);
  },
};

/** Index: notifications_by_created_at. */
export const dismissedNotifications: ExpiredRows = {
  async find(db, before, last) {
    const rows = await db
      .selectFrom("notifications")
      .select("uuid")
      .where("created_at", "<", before)
      .where("dismissed", "=", 1)
      .where("uuid", ">", last)
      .orderBy("uuid")
      .limit(PAGE)
      .execute();
    return rows.map(({ uuid }) => uuid);
  },
  async remove(trx, before, keys) {
    const rows = await trx
      .deleteFrom("notifications")
      .where("uuid", "in", keys)
      .where("created_at", "<", before)
      .where("dismissed", "=", 1)
      .returning("uuid")
      .execute();
    return rows.map(({ uuid }) => uuid);
  },
};

/** By primary key: these tables are small. */
function rowsById(
  ...[table, column]:
    | ["credentials" | "team_invitations", "expires_at"]
    | ["collections", "finished_at"]
): ExpiredRows {
  const time = `${table}.${column}` as "credentials.expires_at"; // each table has `id` and a time that may be null
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
