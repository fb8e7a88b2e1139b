import { deleteRepository, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin repository delete`. */
export const repositoryDelete = adminCommand(
  {
    verb: "repository delete",
    summary: "delete a repository with all its tags and images",
    args: ["REPOSITORY"],
    description: ["At once and for good. Its space is free after the next collection."],
    examples: [
      { title: "An experiment is over:", command: "wharf admin repository delete alice/try" },
    ],
  },
  async ({ administration, args: [name = ""], print }) => {
    await deleteRepository(administration, OPERATOR, name);
    print({ name }, [`Repository ${name} is deleted.`]);
  },
);
