import { createRobotToken, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { robotParts, tokenLines } from "./robot-name.ts";
import { endTime } from "./time-input.ts";
import { timeOrNull } from "./time-text.ts";

/** `wharf admin robot token create`. */
export const robotTokenCreate = adminCommand(
  {
    verb: "robot token create",
    summary: "give a robot one more token beside those it has",
    args: ["NAMESPACE+NAME"],
    description: [
      "So a token is changed without a break: create another one, give it to the machines, then revoke the old one. A robot has at most 32.",
    ],
    examples: [
      {
        title: "A token for the next quarter:",
        command: "wharf admin robot token create team+deploy --title 2026-q4 --expires 100d",
      },
    ],
    flags: [
      { name: "title", value: "TEXT", help: "To tell tokens apart." },
      { name: "expires", value: "TIME", help: "When it ends, such as 90d. Default: never." },
    ],
  },
  async ({ administration, args: [name = ""], flags, print }) => {
    const made = await createRobotToken(administration, OPERATOR, robotParts(name), {
      title: flags.value("title") ?? "",
      expiresAt: endTime(flags, "expires") ?? undefined,
    });
    const { token = "", uuid, title, expiresAt } = made;
    print({ name, id: uuid, title, token, expiresAt: timeOrNull(expiresAt) }, [
      `id     ${uuid}`,
      ...tokenLines(name, token),
    ]);
  },
);
