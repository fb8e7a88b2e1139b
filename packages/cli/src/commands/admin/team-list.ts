import { OPERATOR, viewOrganization } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { printTable } from "./print-table.ts";

/** `wharf admin team list`. */
export const teamList = adminCommand(
  {
    verb: "team list",
    summary: "list the teams of an organization",
    args: ["ORGANIZATION"],
    examples: [{ title: "All of them:", command: "wharf admin team list team" }],
  },
  async (run) => {
    const [organization = ""] = run.args;
    const view = await viewOrganization(run.administration, OPERATOR, organization);
    const teams = (view.teams ?? []).map(
      ({ name, role, members, repositories, isSynced, description }) => ({
        name,
        role,
        members,
        repositories,
        synced: isSynced,
        description,
      }),
    );
    printTable(
      run,
      { organization, teams },
      [
        "NAME",
        "ROLE",
        { title: "MEMBERS", align: "right" },
        { title: "REPOSITORIES", align: "right" },
        "DESCRIPTION",
      ],
      teams.map((team) => [
        team.name,
        team.role,
        String(team.members),
        String(team.repositories),
        team.description,
      ]),
    );
  },
);
