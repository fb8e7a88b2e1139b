import { recordAudit } from "../../audit/record-audit.ts";
import type { Actor } from "../admin/actor.ts";
import type { Administration } from "../admin/administration.ts";
import { changeTeams } from "../organizations/change-teams.ts";
import { needOrganization } from "../organizations/need-organization.ts";
import { removeTeam } from "../team-store.ts";
import { needTeam } from "./need-team.ts";

/**
 * Deletes a team with what it was given; its members stay where else they are.
 *
 * @throws {RegistryError} `DENIED`; `NOT_FOUND`; `CONFLICT` for the last team that administrates
 */
export async function deleteTeam(
  administration: Administration,
  actor: Actor,
  team: { readonly organization: string; readonly name: string },
): Promise<void> {
  const organization = await needOrganization(administration, team.organization);
  await administration.rights.require(actor, "organization.admin", { organization });
  const at = administration.now();
  await changeTeams(administration, organization, async (trx) => {
    const { id, name } = await needTeam(trx, organization, team.name);
    await removeTeam(trx, id);
    const metadata = { team: name };
    await recordAudit(
      trx,
      actor,
      { kind: "org_delete_team", namespace: organization, metadata },
      at,
    );
  });
}
