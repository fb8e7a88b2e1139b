import { listUsers, OPERATOR } from "@wharf/registry";

import { printAccounts } from "./account-list.ts";
import { adminCommand } from "./admin-command.ts";
import { allPages } from "./all-pages.ts";

/** `wharf admin user list`. */
export const userList = adminCommand(
  {
    verb: "user list",
    summary: "list the users",
    args: [],
    examples: [
      {
        title: "Who may do everything?",
        command: "wharf admin user list --json | jq -r '.accounts[] | select(.superuser).name'",
      },
    ],
  },
  async (run) => {
    const read = (page: { after: string; limit: number }) =>
      listUsers(run.administration, OPERATOR, page);
    printAccounts(run, await allPages(read));
  },
);
