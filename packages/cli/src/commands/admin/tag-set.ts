import { changeTag, listRepositoryTags, OPERATOR } from "@wharf/registry";
import type { OpenAdministration, Repository } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { printOutcome } from "./tag-outcome.ts";

/** `wharf admin tag set`. */
export const tagSet = adminCommand(
  {
    verb: "tag set",
    summary: "create a tag, or move it to another image",
    args: ["REPOSITORY", "TAG", "DIGEST|TAG"],
    description: [
      "Tells where it was moved from. The image is named by its digest, or by another tag.",
    ],
    examples: [
      { title: "1.4 is stable now:", command: "wharf admin tag set team/app stable 1.4" },
      {
        title: "A release, which must not be there yet:",
        command: "wharf admin tag set --new team/app 1.5 nightly",
      },
    ],
    flags: [{ name: "new", help: "Refuse when the tag points somewhere else." }],
  },
  async (run) => {
    const { administration, flags } = run;
    const [name = "", tag = "", target = ""] = run.args;
    const repository = await administration.needRepository(name);
    const digest = (await digestOf(administration, repository, target)) ?? target;
    const wish = { digest, isNew: flags.on("new") };
    printOutcome(run, name, await changeTag(administration, OPERATOR, repository, tag, wish));
  },
);

/** What a tag points to; undefined: there is none of that name. */
async function digestOf(
  administration: OpenAdministration,
  repository: Repository,
  name: string,
): Promise<string | undefined> {
  // No tag has a colon.
  if (name.includes(":")) return undefined;
  const listing = { name, onlyActive: true, limit: 1 };
  const { tags } = await listRepositoryTags(administration, OPERATOR, repository, listing);
  return tags[0]?.digest;
}
