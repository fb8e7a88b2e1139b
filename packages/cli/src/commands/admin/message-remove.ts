import { OPERATOR, withdrawMessage } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin message remove`. */
export const messageRemove = adminCommand(
  {
    verb: "message remove",
    summary: "withdraw a message to all users",
    args: ["ID"],
    examples: [
      {
        title: "One that wharf admin message list has shown:",
        command: "wharf admin message remove 0f8fad5b-d9cb-469f-a165-70867728950e",
      },
    ],
  },
  async ({ administration, args: [id = ""], print }) => {
    await withdrawMessage(administration, OPERATOR, id);
    print({ id }, [`Message ${id} is withdrawn.`]);
  },
);
