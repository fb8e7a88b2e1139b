import { OPERATOR, removePolicy } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { POLICY_PLACE, policyOwner } from "./policy-owner.ts";

/** `wharf admin policy prune remove`. */
export const policyPruneRemove = adminCommand(
  {
    verb: "policy prune remove",
    summary: "remove a policy by which tags go",
    args: [POLICY_PLACE, "ID"],
    examples: [
      {
        title: "One that wharf admin policy prune list has shown:",
        command: "wharf admin policy prune remove team 0f8fad5b-d9cb-469f-a165-70867728950e",
      },
    ],
  },
  async ({ administration, args: [place = "", id = ""], print }) => {
    const owner = await policyOwner(administration, place);
    await removePolicy(administration, OPERATOR, "autoprune", owner, id);
    print({ place, id }, [`Policy ${id} of ${place} is removed.`]);
  },
);
