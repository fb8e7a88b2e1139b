import { listQuotas, OPERATOR, removeQuota } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin quota remove`. */
export const quotaRemove = adminCommand(
  {
    verb: "quota remove",
    summary: "remove the quota of a user or organization",
    args: ["NAMESPACE"],
    description: ["After that registry.defaultQuota holds, if the configuration has one."],
    examples: [
      { title: "A team may keep what it wants:", command: "wharf admin quota remove team" },
    ],
  },
  async ({ administration, args: [name = ""], print }) => {
    const namespace = await administration.needNamespace(name);
    const [quota] = await listQuotas(administration, namespace);
    // Of the default, which nobody can remove, it says that there is none.
    await removeQuota(administration, OPERATOR, namespace, quota?.id ?? 0);
    print({ namespace: name }, [`${name} has no quota of its own any more.`]);
  },
);
