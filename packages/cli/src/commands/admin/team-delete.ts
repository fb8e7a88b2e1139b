import { deleteTeam, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin team delete`. */
export const teamDelete = adminCommand(
  {
    verb: "team delete",
    summary: "delete a team with the roles it was given",
    args: ["ORGANIZATION", "TEAM"],
    examples: [
      { title: "A team is dissolved:", command: "wharf admin team delete team developers" },
    ],
  },
  async ({ administration, args: [organization = "", name = ""], print }) => {
    await deleteTeam(administration, OPERATOR, { organization, name });
    print({ organization, name }, [`Team ${name} of ${organization} is deleted.`]);
  },
);
