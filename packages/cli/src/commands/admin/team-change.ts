import { OPERATOR, setTeam } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { oneOf } from "../one-of.ts";
import { adminCommand } from "./admin-command.ts";
import { TEAM_FLAGS, TEAM_ROLES, teamNamed } from "./team-named.ts";

/** `wharf admin team change`. */
export const teamChange = adminCommand(
  {
    verb: "team change",
    summary: "change the role or description of a team",
    args: ["ORGANIZATION", "TEAM"],
    description: [
      "Only what is given changes. An organization keeps a team with the role admin and somebody in it.",
    ],
    examples: [
      {
        title: "Its members may do everything in the organization:",
        command: "wharf admin team change team developers --role admin",
      },
    ],
    flags: TEAM_FLAGS,
  },
  async ({ administration, args: [organization = "", name = ""], flags, print }) => {
    const role = oneOf(flags, "role", TEAM_ROLES);
    const description = flags.value("description");
    if (role === undefined && description === undefined) {
      throw new UsageError("nothing to change", "give --role or --description");
    }
    const before = await teamNamed(administration, organization, name);
    const wish = { organization, name, role: role ?? before.role, description };
    const team = await setTeam(administration, OPERATOR, wish);
    print({ organization, name, role: team.role, description: team.description }, [
      `Team ${name} of ${organization} is changed; it has the role ${team.role}.`,
    ]);
  },
);
