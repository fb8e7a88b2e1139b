import { OPERATOR, setRepositoryPermission } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";

const ROLES = ["read", "write", "admin"] as const;

/** `wharf admin permission set`. */
export const permissionSet = adminCommand(
  {
    verb: "permission set",
    summary: "give a user or robot a role on a repository",
    args: ["REPOSITORY", "ACCOUNT", "ROLE"],
    description: [
      "It takes the place of the role the account had. read pulls, write also pushes and deletes, admin also changes settings and permissions. Users have all rights in their own namespace, members of the team owners in their organization.",
    ],
    examples: [
      {
        title: "A robot may pull:",
        command: "wharf admin permission set team/app team+deploy read",
      },
      { title: "Alice may push:", command: "wharf admin permission set team/app alice write" },
    ],
  },
  async ({ administration, args: [repository = "", account = "", text = ""], print }) => {
    const role = ROLES.find((one) => one === text);
    if (role === undefined) {
      throw new UsageError(
        `${JSON.stringify(text)} is no role`,
        `choose one of ${ROLES.join(", ")}`,
      );
    }
    await setRepositoryPermission(administration, OPERATOR, { repository, account, role });
    print({ repository, account, role }, [`${account} has the role ${role} on ${repository}.`]);
  },
);
