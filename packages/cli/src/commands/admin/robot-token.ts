import { OPERATOR, regenerateRobotToken } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { robotParts, tokenLines } from "./robot-name.ts";

/** `wharf admin robot token`. */
export const robotToken = adminCommand(
  {
    verb: "robot token",
    summary: "make a new token in place of a robot's old one",
    args: ["NAMESPACE+NAME"],
    description: [
      "All the tokens it had are worth nothing at once. To change one without a break, see wharf admin robot token create.",
    ],
    examples: [
      { title: "The token got into a log:", command: "wharf admin robot token team+deploy" },
    ],
  },
  async ({ administration, args: [robot = ""], print }) => {
    const { name, token } = await regenerateRobotToken(administration, OPERATOR, robotParts(robot));
    print({ name, token }, tokenLines(name, token));
  },
);
