import { addTeamMember, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin team member add`. */
export const teamMemberAdd = adminCommand(
  {
    verb: "team member add",
    summary: "put a user or robot into a team",
    args: ["ORGANIZATION", "TEAM", "ACCOUNT"],
    description: [
      "A user who is in no team of the organization is only invited where accounts.teamInvitations says so.",
    ],
    examples: [
      {
        title: "Alice joins the developers:",
        command: "wharf admin team member add team developers alice",
      },
    ],
  },
  async ({ administration, args: [organization = "", team = "", account = ""], print }) => {
    const membership = { organization, team, member: account };
    const { invited } = await addTeamMember(administration, OPERATOR, membership);
    print({ organization, team, account, invited }, [
      invited
        ? `${account} is invited to the team ${team} of ${organization}.`
        : `${account} is in the team ${team} of ${organization}.`,
    ]);
  },
);
