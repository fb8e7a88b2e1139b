import { OPERATOR, removeRepositoryPermission, removeTeamPermission } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin permission remove`. */
export const permissionRemove = adminCommand(
  {
    verb: "permission remove",
    summary: "take a role on a repository away",
    args: ["REPOSITORY", "NAME"],
    examples: [
      {
        title: "A robot shall no longer pull:",
        command: "wharf admin permission remove team/app team+deploy",
      },
    ],
    flags: [{ name: "team", help: "NAME is a team of the repository's organization." }],
  },
  async ({ administration, args: [repository = "", name = ""], flags, print }) => {
    const isTeam = flags.on("team");
    const removed = isTeam
      ? await removeTeamPermission(administration, OPERATOR, { repository, team: name })
      : await removeRepositoryPermission(administration, OPERATOR, { repository, account: name });
    const whose = isTeam ? `The team ${name}` : name;
    print({ repository, [isTeam ? "team" : "account"]: name, removed }, [
      removed
        ? `${whose} has no role of its own on ${repository} any more.`
        : `${whose} had no role of its own on ${repository}.`,
    ]);
  },
);
