import { listPolicies, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { POLICY_PLACE, policyOwner } from "./policy-owner.ts";
import { printTable } from "./print-table.ts";

/** `wharf admin policy prune list`. */
export const policyPruneList = adminCommand(
  {
    verb: "policy prune list",
    summary: "list the policies by which tags go",
    args: [POLICY_PLACE],
    description: ["Those of a namespace hold in all its repositories, and are not repeated there."],
    examples: [{ title: "Those of a team:", command: "wharf admin policy prune list team" }],
  },
  async (run) => {
    const { administration } = run;
    const [place = ""] = run.args;
    const owner = await policyOwner(administration, place);
    const rows = await listPolicies(administration, OPERATOR, "autoprune", owner);
    const policies = rows.map((row) => ({
      id: row.uuid,
      keep: row.method === "creation_date" ? null : Number(row.value),
      olderThan: row.method === "creation_date" ? row.value : null,
      pattern: row.tag_pattern,
      matches: row.tag_pattern_matches === 1,
    }));
    printTable(
      run,
      { place, policies },
      ["ID", "RULE", "TAGS"],
      policies.map(({ id, pattern, matches, keep, olderThan }) => [
        id,
        keep === null ? `older than ${olderThan}` : `all but the latest ${keep}`,
        pattern === null ? "all" : `${matches ? "" : "except "}${pattern}`,
      ]),
    );
  },
);
