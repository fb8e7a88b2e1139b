import { changeTag, OPERATOR } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { printOutcome } from "./tag-outcome.ts";
import { endTime } from "./time-input.ts";

/** `wharf admin tag expire`. */
export const tagExpire = adminCommand(
  {
    verb: "tag expire",
    summary: "say when a tag expires, or that it does not",
    args: ["REPOSITORY", "TAG"],
    description: ["It lasts an hour at least, and 104 weeks at most."],
    examples: [
      {
        title: "For two weeks:",
        command: "wharf admin tag expire team/app pr-17 --at 2w",
      },
      { title: "For ever:", command: "wharf admin tag expire team/app pr-17 --never" },
    ],
    flags: [
      {
        name: "at",
        value: "TIME",
        help: "When; a time such as 2030-01-01T00:00:00Z, or 2w for two weeks from now.",
      },
      { name: "never", help: "It does not expire." },
    ],
  },
  async (run) => {
    const { administration, flags } = run;
    const [name = "", tag = ""] = run.args;
    const at = endTime(flags, "at");
    if ((at === undefined) !== flags.on("never")) {
      throw new UsageError("when does it expire?", "give --at or --never");
    }
    const repository = await administration.needRepository(name);
    const wish = { expiresAt: at ?? null };
    printOutcome(run, name, await changeTag(administration, OPERATOR, repository, tag, wish));
  },
);
