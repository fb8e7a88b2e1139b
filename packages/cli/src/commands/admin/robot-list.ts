import { listRobots, OPERATOR } from "@wharf/registry";

import { printAccounts } from "./account-list.ts";
import { adminCommand } from "./admin-command.ts";
import { allPages } from "./all-pages.ts";

/** `wharf admin robot list`. */
export const robotList = adminCommand(
  {
    verb: "robot list",
    summary: "list the robots of a user or organization",
    args: ["NAMESPACE"],
    examples: [{ title: "Those of a team:", command: "wharf admin robot list team" }],
  },
  async (run) => {
    const [namespace = ""] = run.args;
    const read = (page: { after: string; limit: number }) =>
      listRobots(run.administration, OPERATOR, namespace, page);
    printAccounts(run, await allPages(read));
  },
);
