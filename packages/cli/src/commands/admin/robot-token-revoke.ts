import { deleteRobotToken, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { robotParts } from "./robot-name.ts";

/** `wharf admin robot token revoke`. */
export const robotTokenRevoke = adminCommand(
  {
    verb: "robot token revoke",
    summary: "revoke one token of a robot",
    args: ["NAMESPACE+NAME", "ID"],
    description: [
      "It is worth nothing at once; tokens of /v2/auth that clients got for it end when they expire (accounts.tokenLifetime).",
    ],
    examples: [
      {
        title: "One that wharf admin robot token list has shown:",
        command:
          "wharf admin robot token revoke team+deploy \\\n  0f8fad5b-d9cb-469f-a165-70867728950e",
      },
    ],
  },
  async ({ administration, args: [name = "", id = ""], print }) => {
    await deleteRobotToken(administration, OPERATOR, robotParts(name), id);
    print({ name, id }, [`Token ${id} of ${name} is revoked.`]);
  },
);
