import { namespaceOfRobot } from "../account-name.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { countTeamMembers, countTeamRepositories, listTeams } from "../team-store.ts";
import type { TeamRow } from "../team-store.ts";
import { needOrganization, unknownOrganization } from "./need-organization.ts";
import {
  findOrganization,
  findTeamsOf,
  hasOwnRole,
  hasPublicRepository,
} from "./organization-store.ts";

/** A team as its organization shows it. */
export interface TeamSummary extends TeamRow {
  /** May the viewer see who is in it? */
  readonly isVisible: boolean;
  readonly members: number;
  readonly repositories: number;
  /** Its members are those of a group elsewhere. */
  readonly isSynced: boolean;
}

/** An organization as far as somebody may see it. */
export interface OrganizationView {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly isAdmin: boolean;
  readonly isMember: boolean;
  /** Empty unless for admins. */
  readonly email: string;
  /** Milliseconds that a tag can be taken back; undefined unless for admins. */
  readonly tagExpiration: number | undefined;
  /** The oldest first; undefined unless for members. */
  readonly teams: readonly TeamSummary[] | undefined;
}

/**
 * What somebody may see of an organization. Whoever is no member sees its name, when there is something in it for them:
 * public repositories, or a role of their own.
 *
 * @throws {RegistryError} `NOT_FOUND` as well for whom there is nothing
 */
export async function viewOrganization(
  administration: Administration,
  actor: Actor,
  name: string,
): Promise<OrganizationView> {
  const { database, rights, config } = administration;
  const organization = await needOrganization(administration, name);
  const isAdmin = await rights.has(actor, "organization.admin", { organization });
  const isMember = isAdmin || (await rights.has(actor, "organization.read", { organization }));
  const row = await findOrganization(database.read, organization.id);
  const isVisible = isMember || (await seesSomething(administration, actor, organization));
  if (row === undefined || !isVisible) throw unknownOrganization(name);
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    isAdmin,
    isMember,
    email: isAdmin ? (row.email ?? "") : "",
    tagExpiration: isAdmin ? (row.tag_expiration ?? config.collection.tagExpiration) : undefined,
    teams: isMember ? await summarizeTeams(administration, actor, row.id, isAdmin) : undefined,
  };
}

async function seesSomething(
  { database, permissions }: Administration,
  actor: Actor,
  { id, name }: { readonly id: number; readonly name: string },
): Promise<boolean> {
  if (actor.kind === "operator") return true;
  if (actor.kind === "account") {
    if (namespaceOfRobot(actor.name) === name) return true;
    if (await hasOwnRole(database.read, id, actor.accountId)) return true;
  }
  return permissions.seesPublic(actor) && hasPublicRepository(database.read, id);
}

async function summarizeTeams(
  { database: { read } }: Administration,
  actor: Actor,
  id: number,
  isAdmin: boolean,
): Promise<TeamSummary[]> {
  const teams = await listTeams(read, id);
  const members = await countTeamMembers(read, id);
  const repositories = await countTeamRepositories(read, id);
  const own = actor.kind === "account" ? await findTeamsOf(read, id, [actor.accountId]) : [];
  return teams.map(({ service, ...team }) => ({
    ...team,
    isVisible: isAdmin || own.some(({ name }) => name === team.name),
    members: members.get(team.id) ?? 0,
    repositories: repositories.get(team.id) ?? 0,
    isSynced: service !== null,
  }));
}
