import { OPERATOR, setTeam, viewOrganization } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { oneOf } from "../one-of.ts";
import { adminCommand } from "./admin-command.ts";
import { TEAM_FLAGS, TEAM_ROLES } from "./team-named.ts";

/** `wharf admin team create`. */
export const teamCreate = adminCommand(
  {
    verb: "team create",
    summary: "create a team in an organization",
    args: ["ORGANIZATION", "TEAM"],
    description: [
      "Give it roles on repositories with wharf admin permission set --team, or on all that come with wharf admin default-permission add --team.",
    ],
    examples: [
      {
        title: "Developers, who may create repositories:",
        command: "wharf admin team create team developers --role creator",
      },
    ],
    flags: TEAM_FLAGS,
  },
  async ({ administration, args: [organization = "", name = ""], flags, print }) => {
    const role = oneOf(flags, "role", TEAM_ROLES) ?? "member";
    const description = flags.value("description");
    const { teams = [] } = await viewOrganization(administration, OPERATOR, organization);
    if (teams.some((team) => team.name === name)) {
      throw new UsageError(
        `${organization} has a team ${name} already`,
        "change it with wharf admin team change",
      );
    }
    const wish = { organization, name, role, description };
    const team = await setTeam(administration, OPERATOR, wish);
    print({ organization, name, role, description: team.description }, [
      `Team ${name} of ${organization} is created, with the role ${role}.`,
    ]);
  },
);
