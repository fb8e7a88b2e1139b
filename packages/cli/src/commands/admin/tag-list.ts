import { sizeText } from "../../output/size-text.ts";
import { adminCommand } from "./admin-command.ts";
import { printTable } from "./print-table.ts";
import { readTags } from "./read-tags.ts";
import type { TagDocument } from "./read-tags.ts";
import { pastTime } from "./time-input.ts";
import { timeOrNull, timeText } from "./time-text.ts";

/** `wharf admin tag list`. */
export const tagList = adminCommand(
  {
    verb: "tag list",
    summary: "list the tags of a repository, as they are or were",
    args: ["REPOSITORY"],
    examples: [
      { title: "All of them:", command: "wharf admin tag list team/app" },
      {
        title: "What did they point to yesterday?",
        command: "wharf admin tag list team/app --at 24h",
      },
      {
        title: "Release candidates that can be pulled:",
        command: "wharf admin tag list team/app --pattern '-rc[0-9]+$'",
      },
    ],
    flags: [
      {
        name: "at",
        value: "TIME",
        help: "As they were then; a time such as 2026-11-21T10:00:00Z, or 2h for two hours ago.",
      },
      { name: "all", help: "Also what they pointed to before, and tags that are gone." },
      { name: "filter", value: "TEXT", help: "Only tags with this in their name." },
      {
        name: "pattern",
        value: "RE2",
        help: "Only tags in whose name this expression is found.",
      },
    ],
  },
  async (run) => {
    const { administration, flags } = run;
    const [name = ""] = run.args;
    const repository = await administration.needRepository(name);
    const at = pastTime(flags, "at");
    const { tags, window } = await readTags(administration, repository, {
      at,
      contains: flags.value("filter"),
      expression: flags.value("pattern"),
      onlyActive: at === undefined && !flags.on("all"),
      sort: "name",
    });
    const complete = at === undefined || at >= administration.now() - window;
    const when = at === undefined ? {} : { at: timeOrNull(at), complete };
    if (!complete) {
      run.context.stderr.write("wharf: some of what was then may be forgotten already\n");
    }
    printTable(
      run,
      { repository: name, ...when, tags },
      [
        "TAG",
        "SINCE",
        { title: "SIZE", align: "right" },
        { title: "PULLS", align: "right" },
        "STATE",
        "DIGEST",
      ],
      tags.map((tag) => [
        tag.name,
        timeText(Date.parse(tag.startedAt)),
        sizeText(tag.size),
        String(tag.pulls),
        stateOf(tag),
        tag.digest,
      ]),
    );
  },
);

function stateOf({ immutable, endKind, endedAt, expiresAt }: TagDocument): string {
  if (endedAt !== null) return `${endKind ?? "gone"} ${timeText(Date.parse(endedAt))}`;
  if (immutable) return "protected";
  return expiresAt === null ? "" : `expires ${timeText(Date.parse(expiresAt))}`;
}
