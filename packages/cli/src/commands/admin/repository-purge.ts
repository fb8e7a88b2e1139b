import { OPERATOR, purgeRepository } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin repository purge`. */
export const repositoryPurge = adminCommand(
  {
    verb: "repository purge",
    summary: "end a deleted repository before its time",
    args: ["ID"],
    description: [
      "It cannot be restored any more. The running server takes it apart; its blobs go with a later collection, unless others need them.",
    ],
    examples: [
      {
        title: "One that wharf admin repository deleted has shown, with a secret in it:",
        command: "wharf admin repository purge 42",
      },
    ],
  },
  async ({ administration, args: [text = ""], print }) => {
    // Anything else is the id of none.
    const id = /^\d{1,15}$/.test(text) ? Number(text) : 0;
    await purgeRepository(administration, OPERATOR, id);
    print({ id }, [`Deleted repository ${id} is gone for good.`]);
  },
);
