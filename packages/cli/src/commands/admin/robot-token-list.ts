import { listRobotTokens, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { robotParts } from "./robot-name.ts";
import { printTokens } from "./token-table.ts";

/** `wharf admin robot token list`. */
export const robotTokenList = adminCommand(
  {
    verb: "robot token list",
    summary: "list the tokens of a robot, without what is secret",
    args: ["NAMESPACE+NAME"],
    examples: [
      {
        title: "Is the old one still in use?",
        command: "wharf admin robot token list team+deploy",
      },
    ],
  },
  async (run) => {
    const [name = ""] = run.args;
    const tokens = await listRobotTokens(run.administration, OPERATOR, robotParts(name));
    printTokens(
      run,
      { name },
      tokens.map((token) => ({ ...token, id: token.uuid, kind: "robot" })),
    );
  },
);
