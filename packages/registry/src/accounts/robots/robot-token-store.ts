import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export type RobotTokenRow = Pick<
  Selectable<Tables["credentials"]>,
  | "id"
  | "uuid"
  | "title"
  | "sealed"
  | "created_at"
  | "created_by"
  | "expires_at"
  | "last_used_at"
  | "last_used_from"
> & { readonly account_id: number | null };

/**
 * The tokens of robots, oldest first; those that were exchanged for tokens of a CI are not among them. A robot has few.
 * Index: credentials_by_account_id_and_kind_and_id.
 */
export async function listTokensOfRobots(
  db: Reader,
  robotIds: readonly number[],
): Promise<RobotTokenRow[]> {
  if (robotIds.length === 0) return [];
  return db
    .selectFrom("credentials")
    .select([
      "id",
      "account_id",
      "uuid",
      "title",
      "sealed",
      "created_at",
      "created_by",
      "expires_at",
      "last_used_at",
      "last_used_from",
    ])
    .where("account_id", "in", robotIds)
    .where("kind", "=", "robot")
    .orderBy("id")
    .execute();
}

/** @returns the title of what was deleted; undefined when the robot has no such token. Index: credentials_by_uuid */
export async function deleteRobotTokenByUuid(
  trx: Writer,
  robotId: number,
  uuid: string,
): Promise<string | undefined> {
  const row = await trx
    .deleteFrom("credentials")
    .where("uuid", "=", uuid)
    .where("account_id", "=", robotId)
    .where("kind", "=", "robot")
    .returning("title")
    .executeTakeFirst();
  return row?.title;
}

/** Tokens that were exchanged and have expired. Index: credentials_by_account_id_and_kind_and_id. */
export async function deleteExpiredExchanges(
  trx: Writer,
  robotId: number,
  now: number,
): Promise<void> {
  await trx
    .deleteFrom("credentials")
    .where("account_id", "=", robotId)
    .where("kind", "=", "federation")
    .where("expires_at", "<=", now)
    .execute();
}
