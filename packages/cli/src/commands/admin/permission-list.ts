import { listRepositoryPermissions, OPERATOR } from "@wharf/registry";

import { terminalWidth } from "../../output/terminal-width.ts";
import { textTable } from "../../output/text-table.ts";
import { adminCommand } from "./admin-command.ts";

/** `wharf admin permission list`. */
export const permissionList = adminCommand(
  {
    verb: "permission list",
    summary: "list the users and robots with a role on a repository",
    args: ["REPOSITORY"],
    examples: [
      { title: "Who may pull and push?", command: "wharf admin permission list team/app" },
    ],
  },
  async ({ administration, args: [repository = ""], context, print }) => {
    const permissions = await listRepositoryPermissions(administration, OPERATOR, repository);
    print(
      {
        repository,
        permissions: permissions.map(({ name, kind, role }) => ({ name, kind, role })),
      },
      textTable(
        [
          { title: "ROLE", align: "left" },
          { title: "KIND", align: "left" },
          { title: "NAME", align: "left" },
        ],
        permissions.map(({ name, kind, role }) => [role, kind, name]),
        terminalWidth(context.stdout),
      ),
    );
  },
);
