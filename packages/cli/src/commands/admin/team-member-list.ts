import { listTeamInvitations, listTeamMembers, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { allById } from "./all-entries.ts";
import { printTable } from "./print-table.ts";

/** `wharf admin team member list`. */
export const teamMemberList = adminCommand(
  {
    verb: "team member list",
    summary: "list who is in a team, or invited to it",
    args: ["ORGANIZATION", "TEAM"],
    examples: [
      { title: "Who may do everything?", command: "wharf admin team member list team owners" },
    ],
  },
  async (run) => {
    const { administration } = run;
    const [organization = "", team = ""] = run.args;
    const where = { organization, team };
    const members = await allById((page) => listTeamMembers(administration, OPERATOR, where, page));
    const invitations = await listTeamInvitations(administration, OPERATOR, where);
    const documents = [
      ...members.map(({ name, isRobot }) => ({
        name,
        kind: isRobot ? "robot" : "user",
        invited: false,
      })),
      ...invitations.map(({ account, email }) => ({
        name: account ?? email ?? "",
        kind: account === null ? "address" : "user",
        invited: true,
      })),
    ];
    printTable(
      run,
      { ...where, members: documents },
      ["NAME", "KIND", "STATE"],
      documents.map(({ name, kind, invited }) => [name, kind, invited ? "invited" : ""]),
    );
  },
);
