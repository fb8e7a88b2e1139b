import { needOrganization, needTeam } from "@wharf/registry";
import type { OpenAdministration, TeamRow } from "@wharf/registry";

import type { Flag } from "../../flag.ts";

export const TEAM_ROLES = ["member", "creator", "admin"] as const;

export const TEAM_FLAGS: readonly Flag[] = [
  {
    name: "role",
    value: "member|creator|admin",
    help: "What its members may do in the organization: see it, also create repositories, or everything. A new team has member.",
  },
  { name: "description", value: "TEXT", help: "What it is for." },
];

/** @throws {RegistryError} 404 when there is no such organization or team */
export async function teamNamed(
  administration: OpenAdministration,
  organization: string,
  name: string,
): Promise<TeamRow> {
  const { database } = administration;
  return needTeam(database.read, await needOrganization(administration, organization), name);
}
