import { deleteOrganization, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin organization delete`. */
export const organizationDelete = adminCommand(
  {
    verb: "organization delete",
    summary: "delete an organization with its robots and teams",
    args: ["NAME"],
    description: ["Refused while there are repositories in it."],
    examples: [{ title: "A team is gone:", command: "wharf admin organization delete team" }],
  },
  async ({ administration, args: [name = ""], print }) => {
    await deleteOrganization(administration, OPERATOR, name);
    print({ name }, [`Organization ${name} is deleted.`]);
  },
);
