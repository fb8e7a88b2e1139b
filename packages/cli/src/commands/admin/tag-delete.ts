import { OPERATOR, changeTags } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { printOutcome } from "./tag-outcome.ts";

/** `wharf admin tag delete`. */
export const tagDelete = adminCommand(
  {
    verb: "tag delete",
    summary: "delete a tag; it can be taken back for a while",
    args: ["REPOSITORY", "TAG"],
    description: [
      "For as long as the tag window of the namespace says (collection.tagExpiration): wharf admin tag restore.",
    ],
    examples: [{ title: "A try is over:", command: "wharf admin tag delete team/app try-1" }],
  },
  async (run) => {
    const { administration, context } = run;
    const [name = "", tag = ""] = run.args;
    const repository = await administration.needRepository(name);
    const operation = { tag, action: "delete" } as const;
    const [result] = await changeTags(administration, OPERATOR, repository, [operation], {
      signal: context.signal,
    });
    if (result === undefined) throw new Error("one operation has one result");
    if ("refusal" in result) throw result.refusal;
    printOutcome(run, name, result.outcome);
  },
);
