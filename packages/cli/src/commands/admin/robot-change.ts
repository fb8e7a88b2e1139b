import { getRobot, OPERATOR, putRobot } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { robotParts } from "./robot-name.ts";
import { endTime } from "./time-input.ts";
import { timeOrNull } from "./time-text.ts";

/** `wharf admin robot change`. */
export const robotChange = adminCommand(
  {
    verb: "robot change",
    summary: "change the description or expiration of a robot",
    args: ["NAMESPACE+NAME"],
    description: ["Only what is given changes. An expired robot cannot log in; it is kept."],
    examples: [
      {
        title: "For a contractor, until the end of the project:",
        command: "wharf admin robot change team+partner --expires 90d",
      },
    ],
    flags: [
      { name: "description", value: "TEXT", help: "What it is for." },
      { name: "expires", value: "TIME|never", help: "When it ends, such as 90d." },
    ],
  },
  async ({ administration, args: [name = ""], flags, print }) => {
    const description = flags.value("description");
    const expiresAt = endTime(flags, "expires");
    if (description === undefined && expiresAt === undefined) {
      throw new UsageError("nothing to change", "give --description or --expires");
    }
    const place = robotParts(name);
    // putRobot would create it.
    await getRobot(administration, OPERATOR, place);
    await putRobot(administration, OPERATOR, place, { description, expiresAt });
    const robot = await getRobot(administration, OPERATOR, place);
    print({ name, description: robot.description, expiresAt: timeOrNull(robot.expiresAt) }, [
      `Robot ${name} is changed.`,
    ]);
  },
);
