import { listOrganizations, OPERATOR } from "@wharf/registry";

import { printAccounts } from "./account-list.ts";
import { adminCommand } from "./admin-command.ts";
import { allPages } from "./all-pages.ts";

/** `wharf admin organization list`. */
export const organizationList = adminCommand(
  {
    verb: "organization list",
    summary: "list the organizations",
    args: [],
    examples: [{ title: "All of them:", command: "wharf admin organization list" }],
  },
  async (run) => {
    const read = (page: { after: string; limit: number }) =>
      listOrganizations(run.administration, OPERATOR, page);
    printAccounts(run, await allPages(read));
  },
);
