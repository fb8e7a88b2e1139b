import { listRepositoryPermissions, listTeamPermissionsOf, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { allById } from "./all-entries.ts";
import { printTable } from "./print-table.ts";

/** `wharf admin permission list`. */
export const permissionList = adminCommand(
  {
    verb: "permission list",
    summary: "list who has a role on a repository",
    args: ["REPOSITORY"],
    examples: [
      { title: "Who may pull and push?", command: "wharf admin permission list team/app" },
      { title: "Which teams?", command: "wharf admin permission list --team team/app" },
    ],
    flags: [{ name: "team", help: "Only teams." }],
  },
  async (run) => {
    const { administration, flags } = run;
    const [repository = ""] = run.args;
    const accounts = flags.on("team")
      ? []
      : await allById((page) =>
          listRepositoryPermissions(administration, OPERATOR, repository, page),
        );
    const teams = await allById((page) =>
      listTeamPermissionsOf(administration, OPERATOR, repository, page),
    );
    const permissions = [
      ...accounts.map(({ name, kind, role }) => ({ name, kind, role })),
      ...teams.map(({ name, role }) => ({ name, kind: "team", role })),
    ];
    printTable(
      run,
      { repository, permissions },
      ["ROLE", "KIND", "NAME"],
      permissions.map(({ name, kind, role }) => [role, kind, name]),
    );
  },
);
