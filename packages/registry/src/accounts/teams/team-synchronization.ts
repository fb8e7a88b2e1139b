import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { needOrganization } from "../organizations/need-organization.ts";
import { findTeamSync } from "../team-store.ts";
import { needTeam } from "./need-team.ts";

/** The group elsewhere whose members a team has; undefined: its members are chosen here. */
export async function findTeamSynchronization(
  administration: Administration,
  actor: Actor,
  where: { readonly organization: string; readonly team: string },
): Promise<Awaited<ReturnType<typeof findTeamSync>>> {
  const { database, rights } = administration;
  const organization = await needOrganization(administration, where.organization);
  const team = await needTeam(database.read, organization, where.team);
  await rights.require(actor, "team.read", { organization, team });
  return findTeamSync(database.read, team.id);
}
