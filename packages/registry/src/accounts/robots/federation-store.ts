import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export interface FederationRow {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string | null;
}

/** As they were given. Index: robot_federations_by_robot_id; a robot has few. */
export async function listFederations(db: Reader, robotId: number): Promise<FederationRow[]> {
  return db
    .selectFrom("robot_federations")
    .select(["issuer", "subject", "audience"])
    .where("robot_id", "=", robotId)
    .orderBy("id")
    .execute();
}

/** In place of those there were. */
export async function replaceFederations(
  trx: Writer,
  robotId: number,
  entries: readonly FederationRow[],
): Promise<void> {
  await trx.deleteFrom("robot_federations").where("robot_id", "=", robotId).execute();
  if (entries.length === 0) return;
  await trx
    .insertInto("robot_federations")
    .values(entries.map((entry) => ({ ...entry, robot_id: robotId })))
    .execute();
}

/**
 * Deletes tokens that were exchanged, but those with one of the titles. Index:
 * credentials_by_account_id_and_kind_and_id.
 */
export async function deleteExchangesExcept(
  trx: Writer,
  robotId: number,
  titles: readonly string[],
): Promise<void> {
  await trx
    .deleteFrom("credentials")
    .where("account_id", "=", robotId)
    .where("kind", "=", "federation")
    .$if(titles.length > 0, (query) => query.where("title", "not in", titles))
    .execute();
}

export interface FederatedRobotRow {
  readonly id: number;
  readonly name: string;
  readonly expires_at: number | null;
  readonly namespace_id: number;
  readonly namespace: string;
}

/** A robot that may log in, but for its expiration. Index: the unique name. */
export async function findFederatedRobot(
  db: Reader,
  name: string,
): Promise<FederatedRobotRow | undefined> {
  return db
    .selectFrom("accounts as a")
    .innerJoin("accounts as n", "n.id", "a.namespace_id")
    .select(["a.id", "a.name", "a.expires_at", "n.id as namespace_id", "n.name as namespace"])
    .where("a.name", "=", name)
    .where("a.kind", "=", "robot")
    .where("a.enabled", "=", 1)
    .where("n.enabled", "=", 1)
    .executeTakeFirst();
}
