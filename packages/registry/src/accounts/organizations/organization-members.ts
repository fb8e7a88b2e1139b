import { MOST_NAMED } from "@wharf/contract";
import { recordAudit } from "../../audit/record-audit.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { namespaceOfRobot } from "../account-name.ts";
import { findAccountByName } from "../account-store.ts";
import type { AccountRow } from "../account-store.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { removeInvitationsOf } from "../teams/invitation-store.ts";
import { changeTeams } from "./change-teams.ts";
import { needOrganization } from "./need-organization.ts";
import {
  countRepositoriesOf,
  findRepositoriesOf,
  findTeamsOf,
  listCollaboratorRows,
  listMemberRows,
  removeFromOrganization,
} from "./organization-store.ts";
import type { Person } from "./organization-store.ts";

/** Somebody with rights in an organization. */
export interface OrganizationMember {
  readonly id: number;
  readonly name: string;
  readonly isRobot: boolean;
  readonly teams: readonly string[];
  /** Full names of the first {@link MOST_NAMED} repositories on which they have a role of their own. */
  readonly repositories: readonly string[];
  /** How many those are in truth. */
  readonly repositoryCount: number;
}

/** By id. */
export interface MemberPage {
  /** Id of the last one of the page before; 0 for the first page. */
  readonly after: number;
  readonly limit: number;
}

/** One page of the people in an organization's teams. */
export async function listOrganizationMembers(
  administration: Administration,
  actor: Actor,
  name: string,
  page: MemberPage,
): Promise<OrganizationMember[]> {
  const organization = await needOrganization(administration, name);
  await administration.rights.require(actor, "organization.admin", { organization });
  const { read } = administration.database;
  return describe(administration, organization, await listMemberRows(read, organization.id, page));
}

/** One page of people who are in no team of an organization, but have roles on its repositories. */
export async function listCollaborators(
  administration: Administration,
  actor: Actor,
  name: string,
  page: MemberPage,
): Promise<OrganizationMember[]> {
  const organization = await needOrganization(administration, name);
  await administration.rights.require(actor, "organization.admin", { organization });
  const { read } = administration.database;
  const rows = await listCollaboratorRows(read, organization.id, page);
  return describe(administration, organization, rows);
}

/** Somebody in a team of the organization, or one of its robots. @throws {RegistryError} `NOT_FOUND` */
export async function findOrganizationMember(
  administration: Administration,
  actor: Actor,
  name: string,
  member: string,
): Promise<OrganizationMember> {
  const organization = await needOrganization(administration, name);
  await administration.rights.require(actor, "organization.admin", { organization });
  const account = await findPerson(administration, member);
  if (account === undefined) throw noMember(name, member);
  const [found] = await describe(administration, organization, [account]);
  const isOne = found !== undefined && found.teams.length > 0;
  if (isOne || (found !== undefined && namespaceOfRobot(member) === name)) return found;
  throw noMember(name, member);
}

/**
 * Takes somebody out of all teams of an organization, and their own roles on its repositories away, and withdraws their
 * invitations. What they have pushed or made stays.
 *
 * @throws {RegistryError} `DENIED`; `NOT_FOUND` when they have nothing in it; `CONFLICT` for its last administrator
 */
export async function removeOrganizationMember(
  administration: Administration,
  actor: Actor,
  name: string,
  member: string,
): Promise<void> {
  const organization = await needOrganization(administration, name);
  await administration.rights.require(actor, "organization.admin", { organization });
  const account = await findPerson(administration, member);
  if (account?.kind !== "user") throw noMember(name, member);
  await changeTeams(administration, organization, async (trx) => {
    const wasInvited = await removeInvitationsOf(trx, organization.id, account.id);
    const wasMember = await removeFromOrganization(trx, organization.id, account.id);
    if (!wasInvited && !wasMember) throw noMember(name, member);
    const deed = { namespace: organization, metadata: { member: account.name, org: name } };
    await recordAudit(trx, actor, { kind: "org_remove_member", ...deed }, administration.now());
  });
}

async function describe(
  { database }: Administration,
  organization: { readonly id: number },
  people: readonly Person[],
): Promise<OrganizationMember[]> {
  const ids = people.map(({ id }) => id);
  const teams = Map.groupBy(
    await findTeamsOf(database.read, organization.id, ids),
    ({ accountId }) => accountId,
  );
  const counts = await countRepositoriesOf(database.read, organization.id, ids);
  const withSome = ids.filter((id) => counts.has(id));
  const found = await findRepositoriesOf(database.read, organization.id, withSome, MOST_NAMED);
  const repositories = new Map(found.map(({ accountId, names }) => [accountId, names]));
  return people.map(({ id, name, kind }) => ({
    id,
    name,
    isRobot: kind === "robot",
    teams: (teams.get(id) ?? []).map((team) => team.name),
    repositories: repositories.get(id) ?? [],
    repositoryCount: counts.get(id) ?? 0,
  }));
}

async function findPerson(
  { database }: Administration,
  name: string,
): Promise<AccountRow | undefined> {
  // No name has other characters, and PostgreSQL takes no NUL.
  if (!/^[a-z0-9._+-]{1,511}$/.test(name)) return undefined;
  const account = await findAccountByName(database.read, name);
  return account?.kind === "organization" ? undefined : account;
}

function noMember(organization: string, member: string): RegistryError {
  const shown = member.slice(0, 511);
  return new RegistryError("NOT_FOUND", `${shown} is no member of ${organization}`, {
    detail: { field: "membername", value: shown },
  });
}
