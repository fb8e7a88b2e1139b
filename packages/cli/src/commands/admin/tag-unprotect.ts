import { changeTag, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { printOutcome } from "./tag-outcome.ts";

/** `wharf admin tag unprotect`. */
export const tagUnprotect = adminCommand(
  {
    verb: "tag unprotect",
    summary: "let a protected tag be moved and deleted again",
    args: ["REPOSITORY", "TAG"],
    description: [
      "Refused while a policy protects it: wharf admin policy immutability list and remove.",
    ],
    examples: [
      { title: "A release is withdrawn:", command: "wharf admin tag unprotect team/app 1.4" },
    ],
  },
  async (run) => {
    const { administration } = run;
    const [name = "", tag = ""] = run.args;
    const repository = await administration.needRepository(name);
    const wish = { isImmutable: false };
    printOutcome(run, name, await changeTag(administration, OPERATOR, repository, tag, wish));
  },
);
