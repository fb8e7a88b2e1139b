import { OPERATOR, removeRepositoryPermission } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin permission remove`. */
export const permissionRemove = adminCommand(
  {
    verb: "permission remove",
    summary: "take the role of a user or robot on a repository away",
    args: ["REPOSITORY", "ACCOUNT"],
    examples: [
      {
        title: "A robot shall no longer pull:",
        command: "wharf admin permission remove team/app team+deploy",
      },
    ],
  },
  async ({ administration, args: [repository = "", account = ""], print }) => {
    const removed = await removeRepositoryPermission(administration, OPERATOR, {
      repository,
      account,
    });
    print({ repository, account, removed }, [
      removed
        ? `${account} has no role of its own on ${repository} any more.`
        : `${account} had no role of its own on ${repository}.`,
    ]);
  },
);
