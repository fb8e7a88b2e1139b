import { OPERATOR, restoreTag, restoreToTime } from "@wharf/registry";
import type { Repository } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import type { AdminRun } from "./admin-command.ts";
import { printOutcome } from "./tag-outcome.ts";
import { reasonText } from "./time-changes.ts";
import { pastTime } from "./time-input.ts";

/** `wharf admin tag restore`. */
export const tagRestore = adminCommand(
  {
    verb: "tag restore",
    summary: "take a tag back to an earlier image",
    args: ["REPOSITORY", "TAG"],
    description: [
      "Also one that was deleted. The expiration that it had comes back with it. All tags at once: wharf admin repository restore-tags.",
    ],
    examples: [
      {
        title: "What it was an hour ago:",
        command: "wharf admin tag restore team/app latest --at 1h",
      },
      {
        title: "An image that wharf admin tag history has shown:",
        command: `wharf admin tag restore team/app latest --digest \\\n  sha256:${"1f".repeat(32)}`,
      },
    ],
    flags: [
      {
        name: "at",
        value: "TIME",
        help: "To what it pointed then; a time such as 2026-11-21T10:00:00Z, or 2h for two hours ago.",
      },
      { name: "digest", value: "DIGEST", help: "To this image." },
    ],
  },
  async (run) => {
    const { administration, flags } = run;
    const [name = "", tag = ""] = run.args;
    const at = pastTime(flags, "at");
    const digest = flags.value("digest");
    const repository = await administration.needRepository(name);
    if (digest !== undefined && at === undefined) {
      const outcome = await restoreTag(administration, OPERATOR, repository, tag, digest);
      printOutcome(run, name, outcome);
    } else if (at !== undefined && digest === undefined) {
      await restoreTo(run, repository, tag, at);
    } else {
      throw new UsageError("back to what?", "give --at or --digest");
    }
  },
);

async function restoreTo(
  run: AdminRun,
  repository: Repository,
  tag: string,
  at: number,
): Promise<void> {
  const journey = { at, tags: [tag], deleteNewer: false, isPreview: false };
  const { administration, context } = run;
  const { signal } = context;
  const report = await restoreToTime(administration, OPERATOR, repository, journey, signal);
  const [change] = report.changes;
  if (change?.action === "skip") {
    throw new UsageError(
      `the tag ${tag} stays as it is: ${reasonText(change)}`,
      "wharf admin tag history tells what it was, and when",
    );
  }
  if (change === undefined || change.to === null) {
    run.print({ repository: repository.name, tag, status: "unchanged" }, [
      `Tag ${tag} is as it was then.`,
    ]);
    return;
  }
  const { from, to, expiresAt } = change;
  printOutcome(run, repository.name, {
    tag,
    status: from === null ? "restored" : "moved",
    digest: to,
    movedFrom: from ?? undefined,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
}
