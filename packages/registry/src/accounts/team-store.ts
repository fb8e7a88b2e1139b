// Long because it is one thing: what is asked of the database about teams and who is in them.
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

type Writer = Transaction<Tables>;

export async function insertTeam(
  trx: Writer,
  values: {
    readonly organizationId: number;
    readonly name: string;
    readonly role: "member" | "creator" | "admin";
    readonly description: string;
  },
): Promise<number> {
  const { id } = await trx
    .insertInto("teams")
    .values({
      organization_id: values.organizationId,
      name: values.name,
      role: values.role,
      description: values.description,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

export async function insertTeamMember(
  trx: Writer,
  teamId: number,
  accountId: number,
): Promise<void> {
  await trx
    .insertInto("team_members")
    .values({ team_id: teamId, account_id: accountId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Is an account a member of a team? */
export async function isTeamMember(
  db: Kysely<Tables>,
  teamId: number,
  accountId: number,
): Promise<boolean> {
  const row = await db
    .selectFrom("team_members")
    .select("team_id")
    .where("team_id", "=", teamId)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row !== undefined;
}

export interface TeamRow {
  readonly id: number;
  readonly name: string;
  readonly role: "member" | "creator" | "admin";
  readonly description: string;
}

/** Index: teams_by_name. */
export async function findTeamByName(
  db: Kysely<Tables>,
  organizationId: number,
  name: string,
): Promise<TeamRow | undefined> {
  return db
    .selectFrom("teams")
    .select(["id", "name", "role", "description"])
    .where("organization_id", "=", organizationId)
    .where("name", "=", name)
    .executeTakeFirst();
}

/** The oldest first. Index: teams_by_name. */
export async function listTeams(
  db: Kysely<Tables>,
  organizationId: number,
): Promise<(TeamRow & { readonly service: string | null })[]> {
  return db
    .selectFrom("teams as t")
    .leftJoin("team_syncs as s", "s.team_id", "t.id")
    .select(["t.id", "t.name", "t.role", "t.description", "s.service"])
    .where("t.organization_id", "=", organizationId)
    .orderBy("t.id")
    .execute();
}

/** Index: teams_by_name. */
export async function countTeams(db: Kysely<Tables>, organizationId: number): Promise<number> {
  const { count } = await db
    .selectFrom("teams")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .executeTakeFirstOrThrow();
  return count;
}

/** Members of each team of an organization, robots included. Indexes: teams_by_name, team_members_pk. */
export async function countTeamMembers(
  db: Kysely<Tables>,
  organizationId: number,
): Promise<ReadonlyMap<number, number>> {
  const rows = await db
    .selectFrom("teams as t")
    .innerJoin("team_members as m", "m.team_id", "t.id")
    .select((eb) => ["t.id", eb.fn.countAll<number>().as("count")])
    .where("t.organization_id", "=", organizationId)
    .groupBy("t.id")
    .execute();
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/**
 * Repositories that each team of an organization has a role on. Counted in the index, less the few that are deleted:
 * looking at each would take its time. Indexes: teams_by_name, repositories_deleted,
 * repository_team_permissions_by_team_id_and_repository_id, repository_team_permissions_pk.
 */
export async function countTeamRepositories(
  db: Kysely<Tables>,
  organizationId: number,
): Promise<ReadonlyMap<number, number>> {
  const all = await db
    .selectFrom("teams as t")
    .innerJoin("repository_team_permissions as p", "p.team_id", "t.id")
    .select((eb) => ["t.id", eb.fn.countAll<number>().as("count")])
    .where("t.organization_id", "=", organizationId)
    .groupBy("t.id")
    .execute();
  const deleted = await db
    .selectFrom("repositories as r")
    .innerJoin("repository_team_permissions as p", "p.repository_id", "r.id")
    .select((eb) => ["p.team_id as id", eb.fn.countAll<number>().as("count")])
    .where("r.namespace_id", "=", organizationId)
    .where("r.deleted_at", "is not", null)
    .groupBy("p.team_id")
    .execute();
  const gone = new Map(deleted.map(({ id, count }) => [id, count]));
  return new Map(all.map(({ id, count }) => [id, count - (gone.get(id) ?? 0)]));
}

export async function updateTeam(
  trx: Writer,
  id: number,
  values: { readonly role?: TeamRow["role"]; readonly description?: string },
): Promise<void> {
  await trx.updateTable("teams").set(values).where("id", "=", id).execute();
}

/** What it was given goes with it: members, invitations, roles on repositories, default permissions. */
export async function removeTeam(trx: Writer, id: number): Promise<void> {
  await trx.deleteFrom("teams").where("id", "=", id).execute();
}

/** By id. Index: team_members_pk. */
export async function listTeamMemberRows(
  db: Kysely<Tables>,
  teamId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<{ id: number; name: string; kind: "user" | "organization" | "robot" }[]> {
  return db
    .selectFrom("team_members as m")
    .innerJoin("accounts as a", "a.id", "m.account_id")
    .select(["a.id", "a.name", "a.kind"])
    .where("m.team_id", "=", teamId)
    .where("m.account_id", ">", page.after)
    .orderBy("m.account_id")
    .limit(page.limit)
    .execute();
}

/** @returns false when they were none */
export async function removeTeamMember(
  trx: Writer,
  teamId: number,
  accountId: number,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("team_members")
    .where("team_id", "=", teamId)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Repositories that a team has a role on, by id. Index: repository_team_permissions_by_team_id_and_repository_id. */
export async function listTeamRoles(
  db: Kysely<Tables>,
  teamId: number,
  page: { readonly after: number; readonly limit: number },
): Promise<
  {
    id: number;
    name: string;
    visibility: "private" | "public";
    role: "read" | "write" | "admin";
  }[]
> {
  return db
    .selectFrom("repository_team_permissions as p")
    .innerJoin("repositories as r", "r.id", "p.repository_id")
    .select(["r.id", "r.name", "r.visibility", "p.role"])
    .where("p.team_id", "=", teamId)
    .where("p.repository_id", ">", page.after)
    .where("r.deleted_at", "is", null)
    .orderBy("p.repository_id")
    .limit(page.limit)
    .execute();
}

/** The group elsewhere whose members a team has; undefined: members are chosen here. */
export async function findTeamSync(
  db: Kysely<Tables>,
  teamId: number,
): Promise<
  | {
      readonly service: string;
      readonly group_name: string;
      readonly synced_at: number | null;
      readonly last_error: string | null;
    }
  | undefined
> {
  return db
    .selectFrom("team_syncs")
    .select(["service", "group_name", "synced_at", "last_error"])
    .where("team_id", "=", teamId)
    .executeTakeFirst();
}
