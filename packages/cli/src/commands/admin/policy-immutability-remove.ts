import { OPERATOR, removePolicy } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { POLICY_PLACE, policyOwner } from "./policy-owner.ts";

/** `wharf admin policy immutability remove`. */
export const policyImmutabilityRemove = adminCommand(
  {
    verb: "policy immutability remove",
    summary: "remove a policy that protects tags",
    args: [POLICY_PLACE, "ID"],
    examples: [
      {
        title: "One that wharf admin policy immutability list has shown:",
        command:
          "wharf admin policy immutability remove team \\\n  0f8fad5b-d9cb-469f-a165-70867728950e",
      },
    ],
  },
  async ({ administration, args: [place = "", id = ""], print }) => {
    const owner = await policyOwner(administration, place);
    await removePolicy(administration, OPERATOR, "immutability", owner, id);
    print({ place, id }, [`Policy ${id} of ${place} is removed.`]);
  },
);
