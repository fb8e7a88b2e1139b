import { deleteRobot, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { robotParts } from "./robot-name.ts";

/** `wharf admin robot delete`. */
export const robotDelete = adminCommand(
  {
    verb: "robot delete",
    summary: "delete a robot",
    args: ["NAMESPACE+NAME"],
    examples: [{ title: "A deployment is gone:", command: "wharf admin robot delete team+deploy" }],
  },
  async ({ administration, args: [robot = ""], print }) => {
    await deleteRobot(administration, OPERATOR, robotParts(robot));
    print({ name: robot }, [`Robot ${robot} is deleted.`]);
  },
);
