// Long because it is one thing: who is in a team, and the ways in and out.
import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { namespaceOfRobot } from "../account-name.ts";
import { lockAccount } from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { changeTeams } from "../organizations/change-teams.ts";
import { needOrganization } from "../organizations/need-organization.ts";
import { findMembersAmong } from "../organizations/organization-store.ts";
import {
  findTeamSync,
  insertTeamMember,
  isTeamMember,
  listTeamMemberRows,
  removeTeamMember as removeMember,
} from "../team-store.ts";
import type { TeamRow } from "../team-store.ts";
import { inviteUser, withdrawInvitation } from "./invite.ts";
import { needTeam } from "./need-team.ts";

export interface TeamMember {
  readonly id: number;
  /** `alice` or `team+deploy`. */
  readonly name: string;
  readonly isRobot: boolean;
}

/** A team, and somebody who is in it or will be. */
export interface Membership {
  readonly organization: string;
  readonly team: string;
  readonly member: string;
}

/**
 * One page of the members of a team, robots included, by id. The members of a team see each other.
 *
 * @param page.after id of the last member of the page before; 0 for the first
 */
export async function listTeamMembers(
  administration: Administration,
  actor: Actor,
  where: { readonly organization: string; readonly team: string },
  page: { readonly after: number; readonly limit: number },
): Promise<TeamMember[]> {
  const { database, rights } = administration;
  const organization = await needOrganization(administration, where.organization);
  const team = await needTeam(database.read, organization, where.team);
  await rights.require(actor, "team.read", { organization, team });
  const rows = await listTeamMemberRows(database.read, team.id, page);
  return rows.map(({ id, name, kind }) => ({ id, name, isRobot: kind === "robot" }));
}

/**
 * Puts a user or robot into a team; twice is as once. A user who is in no team of the organization is invited where
 * `accounts.teamInvitations` says so.
 *
 * @throws {RegistryError} `DENIED`; `NOT_FOUND`; `PARAMETER_INVALID` for nobody, and for robots of other namespaces;
 *   `CONFLICT` for users in a team whose members are those of a group elsewhere
 */
export async function addTeamMember(
  administration: Administration,
  actor: Actor,
  membership: Membership,
): Promise<TeamMember & { readonly invited: boolean }> {
  const organization = await needOrganization(administration, membership.organization);
  await administration.rights.require(actor, "organization.admin", { organization });
  const { database, config, now } = administration;
  return changeTeams(administration, organization, async (trx) => {
    const team = await needTeam(trx, organization, membership.team);
    const account = await needMember(trx, organization, membership.member, database.dialect);
    const { id, name } = account;
    const isRobot = account.kind === "robot";
    const member = { id, name, isRobot };
    await refuseSynced(trx, team, isRobot);
    if (await isTeamMember(trx, team.id, id)) return { ...member, invited: false };
    const isOneself = actor.kind === "account" && actor.accountId === id;
    if (config.accounts.teamInvitations && !isRobot && !isOneself) {
      const members = await findMembersAmong(trx, organization.id, [id]);
      if (!members.has(id)) {
        await inviteUser(administration, trx, actor, { organization, team, account });
        return { ...member, invited: true };
      }
    }
    await withdrawInvitation(trx, team, { account_id: id });
    await insertTeamMember(trx, team.id, id);
    const deed = { namespace: organization, metadata: { team: team.name, member: name } };
    await recordAudit(trx, actor, { kind: "org_add_team_member", ...deed }, now());
    return { ...member, invited: false };
  });
}

/**
 * Withdraws somebody's invitation to a team, or takes them out of it. New tokens of theirs know at once; access tokens
 * of `/v2/auth` are good until they expire (`accounts.tokenLifetime`).
 *
 * @throws {RegistryError} `DENIED`; `NOT_FOUND` for who is no member; `CONFLICT` for the last administrator, and as
 *   {@link addTeamMember}
 */
export async function removeTeamMember(
  administration: Administration,
  actor: Actor,
  membership: Membership,
): Promise<void> {
  const organization = await needOrganization(administration, membership.organization);
  await administration.rights.require(actor, "organization.admin", { organization });
  const { database, now } = administration;
  await changeTeams(administration, organization, async (trx) => {
    const team = await needTeam(trx, organization, membership.team);
    const account = await lockMember(trx, membership.member, database.dialect);
    if (account === undefined) throw noMember(membership);
    await refuseSynced(trx, team, account.kind === "robot");
    const metadata = { team: team.name, member: account.name };
    const deed = { namespace: organization, metadata };
    if (await withdrawInvitation(trx, team, { account_id: account.id })) {
      const kind = "org_delete_team_member_invite";
      const withUser = { ...deed, metadata: { ...metadata, user: account.name } };
      await recordAudit(trx, actor, { kind, ...withUser }, now());
      return;
    }
    if (!(await removeMember(trx, team.id, account.id))) throw noMember(membership);
    await recordAudit(trx, actor, { kind: "org_remove_team_member", ...deed }, now());
  });
}

/**
 * @throws {RegistryError} `CONFLICT` (400, as Quay) for a team whose members are those of a group elsewhere; robots can
 *   come and go all the same
 */
export async function refuseSynced(
  trx: Transaction<Tables>,
  team: TeamRow,
  isRobot: boolean,
): Promise<void> {
  const sync = isRobot ? undefined : await findTeamSync(trx, team.id);
  if (sync === undefined) return;
  throw new RegistryError(
    "CONFLICT",
    `the members of ${team.name} are those of the group ${sync.group_name} of ${sync.service}: change them there, or end the synchronization`,
    { status: 400, detail: { team: team.name, service: sync.service } },
  );
}

async function needMember(
  trx: Transaction<Tables>,
  organization: { readonly name: string },
  name: string,
  dialect: "sqlite" | "postgres",
): Promise<AccountRow> {
  const account = await lockMember(trx, name, dialect);
  const detail = { field: "membername", value: name.slice(0, 511) };
  if (account === undefined) {
    throw new RegistryError(
      "PARAMETER_INVALID",
      `there is no user or robot ${name.slice(0, 511)}`,
      { detail },
    );
  }
  if (account.kind === "robot" && namespaceOfRobot(account.name) !== organization.name) {
    throw new RegistryError(
      "PARAMETER_INVALID",
      `the robot ${account.name} is not one of ${organization.name}`,
      { detail },
    );
  }
  return account;
}

async function lockMember(
  trx: Transaction<Tables>,
  name: string,
  dialect: "sqlite" | "postgres",
): Promise<AccountRow | undefined> {
  // No name has other characters, and PostgreSQL takes no NUL.
  if (!/^[a-z0-9._+-]{1,511}$/.test(name)) return undefined;
  const account = await lockAccount(trx, name, dialect);
  return account?.kind === "organization" ? undefined : account;
}

function noMember({ member, team }: Membership): RegistryError {
  return new RegistryError("NOT_FOUND", `${member.slice(0, 511)} is not in the team ${team}`, {
    detail: { field: "membername" },
  });
}
