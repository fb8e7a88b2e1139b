import { deleteUser, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin user delete`. */
export const userDelete = adminCommand(
  {
    verb: "user delete",
    summary: "delete a user with their robots and tokens",
    args: ["NAME"],
    description: [
      "Refused while there are repositories in the user's namespace, and for the last superuser.",
    ],
    examples: [{ title: "Alice has left for good:", command: "wharf admin user delete alice" }],
  },
  async ({ administration, args: [name = ""], print }) => {
    await deleteUser(administration, OPERATOR, name);
    print({ name }, [`User ${name} is deleted.`]);
  },
);
