import { adminCommand } from "./admin-command.ts";
import { printTable } from "./print-table.ts";
import { readTags } from "./read-tags.ts";
import { timeText } from "./time-text.ts";

/** `wharf admin tag history`. */
export const tagHistory = adminCommand(
  {
    verb: "tag history",
    summary: "list what a tag has pointed to, who moved it and how long one can go back",
    args: ["REPOSITORY", "TAG"],
    examples: [
      {
        title: "Who has moved latest?",
        command: "wharf admin tag history team/app latest",
      },
    ],
  },
  async (run) => {
    const { administration } = run;
    const [name = "", tag = ""] = run.args;
    const repository = await administration.needRepository(name);
    const { tags: history } = await readTags(administration, repository, { name: tag });
    printTable(
      run,
      { repository: name, tag, history },
      ["SINCE", "BY", "UNTIL", "HOW", "BY", "RESTORABLE UNTIL", "DIGEST"],
      history.map((one) => [
        timeText(Date.parse(one.startedAt)),
        one.startedBy ?? "",
        one.endedAt === null ? "now" : timeText(Date.parse(one.endedAt)),
        one.endKind ?? "",
        one.endedBy ?? "",
        one.restorableUntil === null ? "" : timeText(Date.parse(one.restorableUntil)),
        one.digest,
      ]),
    );
  },
);
