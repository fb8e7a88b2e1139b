import { OPERATOR, removeTeamMember } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin team member remove`. */
export const teamMemberRemove = adminCommand(
  {
    verb: "team member remove",
    summary: "take a user or robot out of a team",
    args: ["ORGANIZATION", "TEAM", "ACCOUNT"],
    examples: [
      {
        title: "Alice leaves the developers:",
        command: "wharf admin team member remove team developers alice",
      },
    ],
  },
  async ({ administration, args: [organization = "", team = "", account = ""], print }) => {
    const membership = { organization, team, member: account };
    await removeTeamMember(administration, OPERATOR, membership);
    print({ organization, team, account }, [
      `${account} is not in the team ${team} of ${organization} any more.`,
    ]);
  },
);
