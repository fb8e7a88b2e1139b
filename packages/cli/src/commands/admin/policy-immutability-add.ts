import { createProtectPolicy, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { POLICY_PLACE, policyOwner } from "./policy-owner.ts";

/** `wharf admin policy immutability add`. */
export const policyImmutabilityAdd = adminCommand(
  {
    verb: "policy immutability add",
    summary: "protect tags by their names",
    args: [POLICY_PLACE, "RE2"],
    description: [
      "Nobody moves, deletes or expires tags whose names begin with a match of the expression.",
    ],
    examples: [
      {
        title: "Releases stay what they are, in all repositories of a team:",
        command: "wharf admin policy immutability add team '[0-9]+[.][0-9]+[.][0-9]+$'",
      },
      {
        title: "Everything but what is named after a branch:",
        command: "wharf admin policy immutability add --except team/app 'branch-'",
      },
    ],
    flags: [{ name: "except", help: "Protect all tags but those." }],
  },
  async ({ administration, args: [place = "", pattern = ""], flags, print }) => {
    const owner = await policyOwner(administration, place);
    const wish = { pattern, matches: !flags.on("except") };
    const id = await createProtectPolicy(administration, OPERATOR, owner, wish);
    print({ place, id }, [`Policy ${id} of ${place} is in force.`]);
  },
);
