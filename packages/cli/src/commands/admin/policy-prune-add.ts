import { createPrunePolicy, OPERATOR } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { POLICY_PLACE, policyOwner } from "./policy-owner.ts";
import { PRUNE_FLAGS, pruneWish } from "./prune-wish.ts";

/** `wharf admin policy prune add`. */
export const policyPruneAdd = adminCommand(
  {
    verb: "policy prune add",
    summary: "let old tags go by themselves, by number or age",
    args: [POLICY_PLACE],
    description: [
      "The running server does it from now on. Tags that go can be taken back for a while, as deleted ones. Protected tags stay.",
    ],
    examples: [
      {
        title: "Builds of branches are kept for 30 days, in all repositories of a team:",
        command: "wharf admin policy prune add team --older-than 30d --pattern '^branch-'",
      },
      {
        title: "Twenty nightly builds of one:",
        command: "wharf admin policy prune add team/app --keep 20 --pattern '^nightly-'",
      },
    ],
    flags: PRUNE_FLAGS,
  },
  async ({ administration, args: [place = ""], flags, print }) => {
    const wish = pruneWish(flags);
    if (wish === undefined) {
      throw new UsageError("which tags go?", "give --keep or --older-than");
    }
    const owner = await policyOwner(administration, place);
    const id = await createPrunePolicy(administration, OPERATOR, owner, wish);
    print({ place, id }, [`Policy ${id} of ${place} is in force.`]);
  },
);
