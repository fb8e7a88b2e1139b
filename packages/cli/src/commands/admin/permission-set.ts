import { OPERATOR, setRepositoryPermission, setTeamPermission } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { namedOne, ROLES } from "./named-one.ts";

/** `wharf admin permission set`. */
export const permissionSet = adminCommand(
  {
    verb: "permission set",
    summary: "give a user, robot or team a role on a repository",
    args: ["REPOSITORY", "NAME", "ROLE"],
    description: [
      "It takes the place of the role they had. read pulls, write also pushes and deletes, admin also changes settings and permissions. Users have all rights in their own namespace, members of the team owners in their organization.",
    ],
    examples: [
      {
        title: "A robot may pull:",
        command: "wharf admin permission set team/app team+deploy read",
      },
      { title: "Alice may push:", command: "wharf admin permission set team/app alice write" },
      {
        title: "So may the developers:",
        command: "wharf admin permission set --team team/app developers write",
      },
    ],
    flags: [{ name: "team", help: "NAME is a team of the repository's organization." }],
  },
  async ({ administration, args: [repository = "", name = "", text = ""], flags, print }) => {
    const role = namedOne("role", text, ROLES);
    if (flags.on("team")) {
      await setTeamPermission(administration, OPERATOR, { repository, team: name, role });
      print({ repository, team: name, role }, [
        `The team ${name} has the role ${role} on ${repository}.`,
      ]);
      return;
    }
    await setRepositoryPermission(administration, OPERATOR, { repository, account: name, role });
    print({ repository, account: name, role }, [`${name} has the role ${role} on ${repository}.`]);
  },
);
