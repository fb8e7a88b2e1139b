import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../../../database/tables.ts";

/** Reads work in and out of transactions. */
type Reader = Kysely<Tables>;
type Writer = Transaction<Tables>;

/** A team that has the members of a group elsewhere. */
export interface TeamSync {
  readonly teamId: number;
  readonly team: string;
  readonly role: "member" | "creator" | "admin";
  readonly organizationId: number;
  readonly organization: string;
  /** Id of the OIDC service, or `ldap`. */
  readonly service: string;
  readonly group: string;
}

function teamSyncs(db: Reader) {
  return db
    .selectFrom("team_syncs as s")
    .innerJoin("teams as t", "t.id", "s.team_id")
    .innerJoin("accounts as o", "o.id", "t.organization_id")
    .select([
      "s.team_id as teamId",
      "t.name as team",
      "t.role",
      "t.organization_id as organizationId",
      "o.name as organization",
      "s.service",
      "s.group_name as group",
    ]);
}

/** Every team that follows a group of a service. Index: team_syncs_by_service_and_group_name. */
export async function listTeamSyncs(db: Reader, service: string): Promise<TeamSync[]> {
  return teamSyncs(db)
    .where("s.service", "=", service)
    .orderBy("s.group_name")
    .orderBy("s.team_id")
    .execute();
}

/** Teams that follow one of these groups. Index: team_syncs_by_service_and_group_name. */
export async function findTeamsOfGroups(
  db: Reader,
  service: string,
  groups: readonly string[],
): Promise<TeamSync[]> {
  if (groups.length === 0) return [];
  return teamSyncs(db)
    .where("s.service", "=", service)
    .where("s.group_name", "in", groups)
    .execute();
}

/** Teams that somebody is in and that follow any group of a service. Indexes: team_members_by_account_id, primary keys. */
export async function findSyncedTeamsOf(
  db: Reader,
  service: string,
  accountId: number,
): Promise<TeamSync[]> {
  return teamSyncs(db)
    .innerJoin("team_members as m", "m.team_id", "s.team_id")
    .where("m.account_id", "=", accountId)
    .where("s.service", "=", service)
    .execute();
}

/** Lets a team follow a group, in place of another if it followed one. */
export async function putTeamSync(
  trx: Writer,
  teamId: number,
  service: string,
  group: string,
): Promise<void> {
  const values = { service, group_name: group, synced_at: null, last_error: null };
  await trx
    .insertInto("team_syncs")
    .values({ team_id: teamId, ...values })
    .onConflict((conflict) => conflict.column("team_id").doUpdateSet(values))
    .execute();
}

/** @returns false when it followed none */
export async function deleteTeamSync(trx: Writer, teamId: number): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom("team_syncs")
    .where("team_id", "=", teamId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** How the last look at the group went. */
export async function setSyncResult(
  trx: Writer,
  teamId: number,
  values: { readonly synced_at?: number; readonly last_error: string | null },
): Promise<void> {
  await trx.updateTable("team_syncs").set(values).where("team_id", "=", teamId).execute();
}

/** Notes why no team of a service could be brought up to its group. Index: team_syncs_by_service_and_group_name. */
export async function setSyncErrors(trx: Writer, service: string, error: string): Promise<void> {
  await trx
    .updateTable("team_syncs")
    .set({ last_error: error })
    .where("service", "=", service)
    .execute();
}

/** The people in a team, without its robots. Index: team_members_pk. */
export async function listPeopleIn(db: Reader, teamId: number): Promise<number[]> {
  const rows = await db
    .selectFrom("team_members as m")
    .innerJoin("accounts as a", "a.id", "m.account_id")
    .select("a.id")
    .where("m.team_id", "=", teamId)
    .where("a.kind", "=", "user")
    .execute();
  return rows.map(({ id }) => id);
}

/** Users with their names; who is gone is left out. */
export async function findPeople(
  db: Reader,
  ids: readonly number[],
): Promise<{ readonly id: number; readonly name: string }[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom("accounts")
    .select(["id", "name"])
    .where("id", "in", ids)
    .where("kind", "=", "user")
    .orderBy("id")
    .execute();
}

export async function insertMembers(
  trx: Writer,
  teamId: number,
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .insertInto("team_members")
    .values(ids.map((id) => ({ team_id: teamId, account_id: id })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Index: team_members_pk. */
export async function deleteMembers(
  trx: Writer,
  teamId: number,
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .deleteFrom("team_members")
    .where("team_id", "=", teamId)
    .where("account_id", "in", ids)
    .execute();
}
