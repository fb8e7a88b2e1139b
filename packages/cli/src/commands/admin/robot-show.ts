import { getRobot, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { robotParts } from "./robot-name.ts";
import { timeOrNull, timeText } from "./time-text.ts";

/** `wharf admin robot show`. */
export const robotShow = adminCommand(
  {
    verb: "robot show",
    summary: "show a robot, with its token if you want",
    args: ["NAMESPACE+NAME"],
    examples: [
      { title: "When was it last used?", command: "wharf admin robot show team+deploy" },
      {
        title: "Its token into a secret of Kubernetes:",
        command: "wharf admin robot show team+deploy --token --json | jq -r .token",
      },
    ],
    flags: [{ name: "token", help: "Also its token; of several the one that lasts longest." }],
  },
  async ({ administration, args: [name = ""], flags, print }) => {
    const robot = await getRobot(administration, OPERATOR, robotParts(name));
    const token = flags.on("token") ? { token: robot.token ?? null } : {};
    print(
      {
        name: robot.name,
        description: robot.description,
        metadata: robot.metadata,
        createdAt: timeOrNull(robot.createdAt),
        lastUsedAt: timeOrNull(robot.lastUsedAt),
        expiresAt: timeOrNull(robot.expiresAt),
        ...token,
      },
      [
        robot.name,
        `  description  ${robot.description}`,
        `  created      ${timeText(robot.createdAt)}`,
        `  last used    ${robot.lastUsedAt === null ? "never" : timeText(robot.lastUsedAt)}`,
        `  expires      ${robot.expiresAt === null ? "never" : timeText(robot.expiresAt)}`,
        ...(flags.on("token") ? [`  token        ${robot.token ?? "cannot be shown again"}`] : []),
      ],
    );
  },
);
