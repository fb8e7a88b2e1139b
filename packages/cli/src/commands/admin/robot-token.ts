import { OPERATOR, regenerateRobotToken } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { robotParts, tokenLines } from "./robot-name.ts";

/** `wharf admin robot token`. */
export const robotToken = adminCommand(
  {
    verb: "robot token",
    summary: "make a new token for a robot, in place of the old one",
    args: ["NAMESPACE+NAME"],
    examples: [
      { title: "The token got into a log:", command: "wharf admin robot token team+deploy" },
    ],
  },
  async ({ administration, args: [robot = ""], print }) => {
    const { name, token } = await regenerateRobotToken(administration, OPERATOR, robotParts(robot));
    print({ name, token }, tokenLines(name, token));
  },
);
