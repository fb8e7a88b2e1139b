import { listPolicies, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { POLICY_PLACE, policyOwner } from "./policy-owner.ts";
import { printTable } from "./print-table.ts";

/** `wharf admin policy immutability list`. */
export const policyImmutabilityList = adminCommand(
  {
    verb: "policy immutability list",
    summary: "list the policies that protect tags",
    args: [POLICY_PLACE],
    description: ["Those of a namespace hold in all its repositories, and are not repeated there."],
    examples: [{ title: "Those of a team:", command: "wharf admin policy immutability list team" }],
  },
  async (run) => {
    const { administration } = run;
    const [place = ""] = run.args;
    const owner = await policyOwner(administration, place);
    const rows = await listPolicies(administration, OPERATOR, "immutability", owner);
    const policies = rows.map((row) => ({
      id: row.uuid,
      pattern: row.tag_pattern ?? "",
      matches: row.tag_pattern_matches === 1,
    }));
    printTable(
      run,
      { place, policies },
      ["ID", "TAGS"],
      policies.map(({ id, pattern, matches }) => [id, `${matches ? "" : "except "}${pattern}`]),
    );
  },
);
