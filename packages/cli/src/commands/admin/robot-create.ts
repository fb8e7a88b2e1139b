import { createRobot, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { robotParts, tokenLines } from "./robot-name.ts";

/** `wharf admin robot create`. */
export const robotCreate = adminCommand(
  {
    verb: "robot create",
    summary: "create a robot, an account for a machine",
    args: ["NAMESPACE+NAME"],
    description: [
      "A robot belongs to a user or organization and has no rights at first: give it some with wharf admin permission set.",
    ],
    examples: [
      {
        title: "For a deployment that pulls one image:",
        command:
          "wharf admin robot create team+deploy\nwharf admin permission set team/app team+deploy read",
      },
    ],
    flags: [{ name: "description", value: "TEXT", help: "What it is for." }],
  },
  async ({ administration, args: [robot = ""], flags, print }) => {
    const description = flags.value("description");
    const { name, token } = await createRobot(administration, OPERATOR, {
      ...robotParts(robot),
      ...(description === undefined ? {} : { description }),
    });
    print({ name, token }, tokenLines(name, token));
  },
);
