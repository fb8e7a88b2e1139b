import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { endOfPrefix } from "../repository-terms.ts";

type Reader = Kysely<Tables>;

/** Users and organizations by the beginning of their names. Index: accounts_by_kind_and_name. */
export async function findAccounts(
  db: Reader,
  kind: "user" | "organization",
  prefix: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom("accounts")
    .select("name")
    .where("kind", "=", kind)
    .where("name", ">=", prefix)
    .where("name", "<", endOfPrefix(prefix))
    .orderBy("name")
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}

/** What some namespaces are. Index: the unique name. */
export async function findKinds(
  db: Reader,
  names: readonly string[],
): Promise<Map<string, "user" | "organization" | "robot">> {
  if (names.length === 0) return new Map();
  const rows = await db
    .selectFrom("accounts")
    .select(["name", "kind"])
    .where("name", "in", names)
    .execute();
  return new Map(rows.map(({ name, kind }) => [name, kind]));
}

/** Organizations that an account is a member of. Index: team_members_by_account_id. */
export async function findOwnOrganizations(
  db: Reader,
  accountId: number,
  prefix: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom("team_members as m")
    .innerJoin("teams as t", "t.id", "m.team_id")
    .innerJoin("accounts as o", "o.id", "t.organization_id")
    .select("o.name")
    .distinct()
    .where("m.account_id", "=", accountId)
    .where("o.name", ">=", prefix)
    .where("o.name", "<", endOfPrefix(prefix))
    .orderBy("o.name")
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}

/** A team that was found. */
export interface FoundTeam {
  readonly name: string;
  readonly organization: string;
}

/**
 * Teams that an account is in, or that it administrates. Indexes: team_members_by_account_id, teams_by_name.
 */
export async function findOwnTeams(
  db: Reader,
  accountId: number,
  prefix: string,
  limit: number,
): Promise<FoundTeam[]> {
  const isMatch = sql<boolean>`t.name >= ${prefix} and t.name < ${endOfPrefix(prefix)}`;
  const { rows } = await sql<FoundTeam>`
    select name, organization from (
      select t.name, o.name as organization from team_members m
      join teams t on t.id = m.team_id
      join accounts o on o.id = t.organization_id
      where m.account_id = ${accountId} and ${isMatch}
      union
      select t.name, o.name as organization from team_members m
      join teams a on a.id = m.team_id
      join teams t on t.organization_id = a.organization_id
      join accounts o on o.id = t.organization_id
      where m.account_id = ${accountId} and a.role = 'admin' and ${isMatch}
    ) found
    order by name, organization limit ${sql.lit(limit)}`.execute(db);
  return rows;
}

/**
 * Robots of an account's own namespace and of organizations that it administrates, by the beginning of their short
 * name. Indexes: team_members_by_account_id, accounts_by_kind_and_name.
 */
export async function findOwnRobots(
  db: Reader,
  accountId: number,
  prefix: string,
  limit: number,
): Promise<string[]> {
  const isMatch = sql<boolean>`r.kind = 'robot' and r.name >= o.name || '+' || ${prefix}
    and r.name < o.name || '+' || ${endOfPrefix(prefix)}`;
  const { rows } = await sql<{ name: string }>`
    select name from (
      select r.name from accounts o
      join accounts r on r.namespace_id = o.id
      where o.id = ${accountId} and ${isMatch}
      union
      select r.name from team_members m
      join teams a on a.id = m.team_id
      join accounts o on o.id = a.organization_id
      join accounts r on r.namespace_id = o.id
      where m.account_id = ${accountId} and a.role = 'admin' and ${isMatch}
    ) found
    order by name limit ${sql.lit(limit)}`.execute(db);
  return rows.map(({ name }) => name);
}
