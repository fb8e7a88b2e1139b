import type { Kysely, Transaction } from "kysely";
import type { Insertable } from "kysely";
import type { Tables } from "../database/tables.ts";

type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** A session with the account it is of. */
export interface SessionRow {
  readonly uuid: string;
  readonly account_id: number;
  readonly name: string;
  readonly enabled: number;
  readonly superuser: number;
  readonly seen_at: number;
  readonly expires_at: number;
  readonly fresh_at: number;
}

export async function insertSession(
  trx: Writer,
  row: Insertable<Tables["sessions"]>,
): Promise<void> {
  await trx.insertInto("sessions").values(row).execute();
}

export async function findSession(db: Reader, idHash: string): Promise<SessionRow | undefined> {
  return db
    .selectFrom("sessions as s")
    .innerJoin("accounts as a", "a.id", "s.account_id")
    .select([
      "s.uuid",
      "s.account_id",
      "a.name",
      "a.enabled",
      "a.superuser",
      "s.seen_at",
      "s.expires_at",
      "s.fresh_at",
    ])
    .where("s.id_hash", "=", idHash)
    .executeTakeFirst();
}

export async function touchSession(
  trx: Writer,
  idHash: string,
  now: number,
  expiresAt: number,
): Promise<void> {
  await trx
    .updateTable("sessions")
    .set({ seen_at: now, expires_at: expiresAt })
    .where("id_hash", "=", idHash)
    .execute();
}

export interface ListedSession {
  readonly uuid: string;
  readonly created_at: number;
  readonly seen_at: number;
  readonly expires_at: number;
  readonly service: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
}

/** Those that were seen last come first. Index: sessions_by_account_id. */
export async function listSessions(
  db: Reader,
  accountId: number,
  now: number,
  limit: number,
): Promise<ListedSession[]> {
  return db
    .selectFrom("sessions")
    .select(["uuid", "created_at", "seen_at", "expires_at", "service", "address", "user_agent"])
    .where("account_id", "=", accountId)
    .where("expires_at", ">", now)
    .orderBy("seen_at", "desc")
    .limit(limit)
    .execute();
}

/** Index: the unique uuid. */
export async function refreshSession(trx: Writer, uuid: string, now: number): Promise<void> {
  await trx.updateTable("sessions").set({ fresh_at: now }).where("uuid", "=", uuid).execute();
}

/**
 * Index: the unique uuid.
 *
 * @param accountId whose it must be; undefined: anybody's
 * @returns false when there is none of that name
 */
export async function deleteSession(
  trx: Writer,
  accountId: number | undefined,
  uuid: string,
): Promise<boolean> {
  let query = trx.deleteFrom("sessions").where("uuid", "=", uuid);
  if (accountId !== undefined) query = query.where("account_id", "=", accountId);
  const { numDeletedRows } = await query.executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Index: sessions_by_account_id. */
export async function deleteSessionsOf(
  trx: Writer,
  accountId: number,
  except: string | undefined,
): Promise<void> {
  let query = trx.deleteFrom("sessions").where("account_id", "=", accountId);
  if (except !== undefined) query = query.where("uuid", "!=", except);
  await query.execute();
}
