import type { Kysely, Selectable, Transaction } from "kysely";
import type { Tables } from "../../database/tables.ts";
import type { Role } from "../role.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

export type RobotRow = Pick<
  Selectable<Tables["accounts"]>,
  "id" | "name" | "description" | "metadata" | "created_at" | "last_used_at" | "expires_at"
>;

const ROBOT = [
  "id",
  "name",
  "description",
  "metadata",
  "created_at",
  "last_used_at",
  "expires_at",
] as const;

/** @param name full name. Index: the unique name */
export async function findRobot(db: Reader, name: string): Promise<RobotRow | undefined> {
  return db
    .selectFrom("accounts")
    .select(ROBOT)
    .where("name", "=", name)
    .where("kind", "=", "robot")
    .executeTakeFirst();
}

/**
 * One page of the robots of a namespace, by name. Index: the unique name, whose stretch from `namespace+` on holds them
 * and nothing else.
 *
 * @param page.after full name
 */
export async function listRobotsOf(
  db: Reader,
  namespace: string,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<RobotRow[]> {
  const first = `${namespace}+`;
  return db
    .selectFrom("accounts")
    .select(ROBOT)
    .where("name", ">", page.after ?? first)
    .where("name", "<", `${namespace},`) // a comma follows the plus
    .orderBy("name")
    .limit(page.limit)
    .execute();
}

export async function updateRobot(
  trx: Writer,
  id: number,
  changes: {
    readonly description?: string;
    readonly metadata?: string;
    readonly expires_at?: number | null;
  },
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await trx.updateTable("accounts").set(changes).where("id", "=", id).execute();
}

/** Teams by robot. Index: team_members_by_account_id. */
export async function findTeamsOfRobots(
  db: Reader,
  robotIds: readonly number[],
): Promise<{ readonly account_id: number; readonly name: string }[]> {
  if (robotIds.length === 0) return [];
  return db
    .selectFrom("team_members as m")
    .innerJoin("teams as t", "t.id", "m.team_id")
    .select(["m.account_id", "t.name"])
    .where("m.account_id", "in", robotIds)
    .orderBy("t.name")
    .execute();
}

/** Repositories by robot. Index: repository_permissions_by_account_id_and_repository_id. */
export async function findRepositoriesOfRobots(
  db: Reader,
  robotIds: readonly number[],
  limit: number,
): Promise<{ readonly account_id: number; readonly name: string }[]> {
  if (robotIds.length === 0) return [];
  return db
    .selectFrom("repository_permissions as p")
    .innerJoin("repositories as r", "r.id", "p.repository_id")
    .select(["p.account_id", "r.name"])
    .where("p.account_id", "in", robotIds)
    .where("r.deleted_at", "is", null)
    .limit(limit)
    .execute();
}

export interface RobotPermissionRow {
  readonly repository_id: number;
  readonly name: string;
  readonly visibility: "private" | "public";
  readonly role: Role;
}

/** One page, by id of the repository. Index: repository_permissions_by_account_id_and_repository_id. */
export async function listPermissionsOfRobot(
  db: Reader,
  robotId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<RobotPermissionRow[]> {
  return db
    .selectFrom("repository_permissions as p")
    .innerJoin("repositories as r", "r.id", "p.repository_id")
    .select(["p.repository_id", "r.name", "r.visibility", "p.role"])
    .where("p.account_id", "=", robotId)
    .where("p.repository_id", ">", page.after)
    .where("r.deleted_at", "is", null)
    .orderBy("p.repository_id")
    .limit(page.limit)
    .execute();
}
