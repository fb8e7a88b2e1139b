import type { Transaction } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import type { Tables } from "../../database/tables.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { checkTeamName } from "../account-name.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { changeTeams } from "../organizations/change-teams.ts";
import { needOrganization } from "../organizations/need-organization.ts";
import { countTeams, findTeamByName, insertTeam, updateTeam } from "../team-store.ts";
import type { TeamRow } from "../team-store.ts";

/** Most teams of an organization: they are shown on one page. */
const MOST_TEAMS = 1000;

export interface TeamSettings {
  readonly organization: string;
  readonly name: string;
  readonly role: TeamRow["role"];
  /** Markdown; undefined: as it was. */
  readonly description?: string | undefined;
}

/**
 * Creates a team, or changes the one there is.
 *
 * @throws {RegistryError} `DENIED`; `NOT_FOUND`; `PARAMETER_INVALID`; `CONFLICT` when the last team that administrates
 *   would no longer
 */
export async function setTeam(
  administration: Administration,
  actor: Actor,
  settings: TeamSettings,
): Promise<TeamRow & { readonly isNew: boolean }> {
  const organization = await needOrganization(administration, settings.organization);
  await administration.rights.require(actor, "organization.admin", { organization });
  const at = administration.now();
  return changeTeams(administration, organization, async (trx) => {
    const team = await findTeamByName(trx, organization.id, settings.name);
    if (team === undefined) {
      const made = await makeTeam(trx, organization, settings);
      const metadata = { team: made.name, role: made.role };
      await recordAudit(
        trx,
        actor,
        { kind: "org_create_team", namespace: organization, metadata },
        at,
      );
      return { ...made, isNew: true };
    }
    return { ...(await changeTeam(trx, actor, organization, team, settings, at)), isNew: false };
  });
}

async function makeTeam(
  trx: Transaction<Tables>,
  organization: { readonly id: number; readonly name: string },
  { name, role, description = "" }: TeamSettings,
): Promise<TeamRow> {
  checkTeamName(name);
  if ((await countTeams(trx, organization.id)) >= MOST_TEAMS) {
    throw new RegistryError(
      "CONFLICT",
      `${organization.name} has ${MOST_TEAMS} teams already; delete one first`,
      { status: 400, detail: { name: organization.name } },
    );
  }
  const id = await insertTeam(trx, { organizationId: organization.id, name, role, description });
  return { id, name, role, description };
}

async function changeTeam(
  trx: Transaction<Tables>,
  actor: Actor,
  organization: { readonly id: number; readonly name: string },
  team: TeamRow,
  { role, description = team.description }: TeamSettings,
  at: number,
): Promise<TeamRow> {
  const tell = async (
    kind: "org_set_team_description" | "org_set_team_role",
    change: object,
  ): Promise<void> => {
    const metadata = { team: team.name, ...change };
    await recordAudit(trx, actor, { kind, namespace: organization, metadata }, at);
  };
  if (description !== team.description) {
    await updateTeam(trx, team.id, { description });
    await tell("org_set_team_description", { description });
  }
  if (role !== team.role) {
    await updateTeam(trx, team.id, { role });
    await tell("org_set_team_role", { role, previous_role: team.role });
  }
  return { ...team, role, description };
}
