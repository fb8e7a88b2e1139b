import { adminCommand } from "./admin-command.ts";
import { readTags } from "./read-tags.ts";
import type { TagDocument } from "./read-tags.ts";
import { timeText } from "./time-text.ts";

/** `wharf admin tag history`. */
export const tagHistory = adminCommand(
  {
    verb: "tag history",
    summary: "list what a tag has pointed to, and who moved it",
    args: ["REPOSITORY", "TAG"],
    examples: [
      {
        title: "Who has moved latest?",
        command: "wharf admin tag history team/app latest",
      },
    ],
  },
  async ({ administration, args: [name = "", tag = ""], print }) => {
    const repository = await administration.needRepository(name);
    const { tags: history } = await readTags(administration, repository, { name: tag });
    print({ repository: name, tag, history }, history.flatMap(linesOf));
  },
);

/** The digest has a line of its own, so that it can be copied. */
function linesOf(one: TagDocument): string[] {
  const until = one.endedAt === null ? "now" : timeText(Date.parse(one.endedAt));
  const end = [one.endKind ?? "", by(one.endedBy)].filter(Boolean).join(" ");
  const facts = [
    by(one.startedBy),
    end,
    one.restorableUntil === null
      ? ""
      : `restorable until ${timeText(Date.parse(one.restorableUntil))}`,
  ];
  const span = `${timeText(Date.parse(one.startedAt))} to ${until}`;
  return [`${span}  ${facts.filter(Boolean).join(", ")}`.trimEnd(), `  ${one.digest}`];
}

function by(name: string | null): string {
  return name === null ? "" : `by ${name}`;
}
