import { changeTag, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { printOutcome } from "./tag-outcome.ts";

/** `wharf admin tag protect`. */
export const tagProtect = adminCommand(
  {
    verb: "tag protect",
    summary: "make a tag immutable",
    args: ["REPOSITORY", "TAG"],
    description: [
      "Nobody moves, deletes or expires it then. Many tags by their names: wharf admin policy immutability add.",
    ],
    examples: [
      { title: "A release stays what it is:", command: "wharf admin tag protect team/app 1.4" },
    ],
  },
  async (run) => {
    const { administration } = run;
    const [name = "", tag = ""] = run.args;
    const repository = await administration.needRepository(name);
    const wish = { isImmutable: true };
    printOutcome(run, name, await changeTag(administration, OPERATOR, repository, tag, wish));
  },
);
