import { deleteRepository, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin repository delete`. */
export const repositoryDelete = adminCommand(
  {
    verb: "repository delete",
    summary: "delete a repository with all its tags and images",
    args: ["REPOSITORY"],
    description: [
      "It is gone at once, and can be restored for as long as tags of its namespace can be taken back. Its space is free after a collection that comes later than that.",
    ],
    examples: [
      { title: "An experiment is over:", command: "wharf admin repository delete alice/try" },
    ],
  },
  async ({ administration, args: [name = ""], print }) => {
    await deleteRepository(administration, OPERATOR, name);
    print({ name }, [`Repository ${name} is deleted.`]);
  },
);
