import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";

type Reader = Kysely<Tables>;

/** The character after every one that is in a name: the end of what begins with a prefix. */
const LAST = "\u007f";

/** Users who can sign in, by name. Index: accounts_by_kind_and_name. */
export async function findUsersByPrefix(
  db: Reader,
  prefix: string,
  limit: number,
): Promise<{ id: number; name: string }[]> {
  return db
    .selectFrom("accounts")
    .select(["id", "name"])
    .where("kind", "=", "user")
    .where("name", ">=", prefix)
    .where("name", "<", prefix + LAST)
    .where("enabled", "=", 1)
    .orderBy("name")
    .limit(limit)
    .execute();
}

/** @param prefix of the full name, such as `team+de`. Index: accounts_by_kind_and_name */
export async function findRobotsByPrefix(
  db: Reader,
  prefix: string,
  limit: number,
): Promise<{ id: number; name: string }[]> {
  return db
    .selectFrom("accounts")
    .select(["id", "name"])
    .where("kind", "=", "robot")
    .where("name", ">=", prefix)
    .where("name", "<", prefix + LAST)
    .orderBy("name")
    .limit(limit)
    .execute();
}

/** Index: teams_by_name. */
export async function findTeamsByPrefix(
  db: Reader,
  organizationId: number,
  prefix: string,
  limit: number,
): Promise<{ name: string }[]> {
  return db
    .selectFrom("teams")
    .select("name")
    .where("organization_id", "=", organizationId)
    .where("name", ">=", prefix)
    .where("name", "<", prefix + LAST)
    .orderBy("name")
    .limit(limit)
    .execute();
}
