import { OPERATOR, restoreToTime } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { changeDocument, changeLines, REPORT_NAMES } from "./time-changes.ts";
import { pastTime } from "./time-input.ts";
import { timeOrNull } from "./time-text.ts";

/** `wharf admin repository restore-tags`. */
export const repositoryRestoreTags = adminCommand(
  {
    verb: "repository restore-tags",
    summary: "take its tags back to what they were at a time",
    args: ["REPOSITORY"],
    description: [
      "Tags that were moved or deleted since come back, with the expiration they had. Tags that were not there yet stay, unless --delete-newer is given. Protected tags stay as they are. How far back it goes is the tag window of the namespace (collection.tagExpiration).",
    ],
    examples: [
      {
        title: "What would change?",
        command: "wharf admin repository restore-tags team/app --at 2h --preview",
      },
      {
        title: "A script has moved tags this morning:",
        command: "wharf admin repository restore-tags team/app --at 2026-11-21T08:00:00Z",
      },
    ],
    flags: [
      {
        name: "at",
        value: "TIME",
        help: "When; a time such as 2026-11-21T10:00:00Z, or 2h for two hours ago.",
      },
      {
        name: "tag",
        value: "NAME",
        repeatable: true,
        help: "Only this tag; may be given several times.",
      },
      { name: "delete-newer", help: "Delete tags that were not there then." },
      { name: "preview", help: "Change nothing, only tell." },
    ],
  },
  async ({ administration, args: [name = ""], flags, context, print }) => {
    const at = pastTime(flags, "at");
    if (at === undefined) throw new UsageError("back to when?", "give --at");
    const repository = await administration.needRepository(name);
    const tags = flags.values("tag");
    const isPreview = flags.on("preview");
    const deleteNewer = flags.on("delete-newer");
    const journey = { at, tags: tags.length === 0 ? undefined : tags, deleteNewer, isPreview };
    const { signal } = context;
    const report = await restoreToTime(administration, OPERATOR, repository, journey, signal);
    const { counts, changes, isTruncated } = report;
    print(
      {
        repository: name,
        at: timeOrNull(at),
        windowStart: timeOrNull(report.windowStart),
        applied: !isPreview,
        counts: Object.fromEntries(REPORT_NAMES.map(([key, word]) => [word, counts[key]])),
        changes: changes.map(changeDocument),
        truncated: isTruncated,
      },
      [
        ...changes.flatMap((change) => changeLines(change)),
        ...(isTruncated ? ["and more"] : []),
        `${isPreview ? "would be" : "done"}: ${REPORT_NAMES.map(([key, word]) => `${counts[key]} ${word}`).join(", ")}`,
      ],
    );
  },
);
