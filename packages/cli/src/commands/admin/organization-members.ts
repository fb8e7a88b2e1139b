import { listCollaborators, listOrganizationMembers, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { allById } from "./all-entries.ts";
import { printTable } from "./print-table.ts";

/** `wharf admin organization members`. */
export const organizationMembers = adminCommand(
  {
    verb: "organization members",
    summary: "list the people of an organization",
    args: ["NAME"],
    description: [
      "Members are in at least one team. Collaborators are in none, but have roles of their own on its repositories.",
    ],
    examples: [
      { title: "Who is in it?", command: "wharf admin organization members team" },
      {
        title: "Who from outside has access?",
        command: "wharf admin organization members team --collaborators",
      },
    ],
    flags: [{ name: "collaborators", help: "List those instead." }],
  },
  async (run) => {
    const [name = ""] = run.args;
    const list = run.flags.on("collaborators") ? listCollaborators : listOrganizationMembers;
    const members = await allById((page) => list(run.administration, OPERATOR, name, page));
    const documents = members.map((member) => ({
      name: member.name,
      kind: member.isRobot ? "robot" : "user",
      teams: member.teams,
      repositoryCount: member.repositoryCount,
    }));
    printTable(
      run,
      { organization: name, members: documents },
      ["NAME", "KIND", { title: "REPOSITORIES", align: "right" }, "TEAMS"],
      documents.map((one) => [
        one.name,
        one.kind,
        String(one.repositoryCount),
        one.teams.join(", "),
      ]),
    );
  },
);
