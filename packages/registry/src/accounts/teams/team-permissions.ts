import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { needOrganization } from "../organizations/need-organization.ts";
import { listTeamRoles } from "../team-store.ts";
import { needTeam } from "./need-team.ts";

/**
 * One page of the repositories that a team has a role on, by id.
 *
 * @param page.after id of the last repository of the page before; 0 for the first
 */
export async function listTeamPermissions(
  administration: Administration,
  actor: Actor,
  where: { readonly organization: string; readonly team: string },
  page: { readonly after: number; readonly limit: number },
): Promise<Awaited<ReturnType<typeof listTeamRoles>>> {
  const { database, rights } = administration;
  const organization = await needOrganization(administration, where.organization);
  await rights.require(actor, "organization.admin", { organization });
  const team = await needTeam(database.read, organization, where.team);
  return listTeamRoles(database.read, team.id, page);
}
