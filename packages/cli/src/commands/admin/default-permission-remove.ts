import { deletePrototype, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin default-permission remove`. */
export const defaultPermissionRemove = adminCommand(
  {
    verb: "default-permission remove",
    summary: "remove a default permission of an organization",
    args: ["ORGANIZATION", "ID"],
    description: ["Repositories that are there already keep what they have."],
    examples: [
      {
        title: "One that wharf admin default-permission list has shown:",
        command:
          "wharf admin default-permission remove team \\\n  0f8fad5b-d9cb-469f-a165-70867728950e",
      },
    ],
  },
  async ({ administration, args: [organization = "", id = ""], print }) => {
    await deletePrototype(administration, OPERATOR, organization, id);
    print({ organization, id }, [`Default permission ${id} of ${organization} is removed.`]);
  },
);
