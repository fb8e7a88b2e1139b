import { forgetImage, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin tag purge`. */
export const tagPurge = adminCommand(
  {
    verb: "tag purge",
    summary: "delete an image of a tag for good",
    args: ["REPOSITORY", "TAG", "DIGEST"],
    description: [
      "The history forgets it, and what nothing else needs is collected soon. wharf admin tag history tells the digests.",
    ],
    examples: [
      {
        title: "An image with a password in it, which was replaced:",
        command: `wharf admin tag purge team/app latest \\\n  sha256:${"1f".repeat(32)}`,
      },
    ],
    flags: [
      { name: "live", help: "Also when the tag points to it now: then the tag is gone as well." },
      { name: "children", help: "Of an index: also the images below it." },
    ],
  },
  async ({ administration, args: [name = "", tag = "", digest = ""], flags, print }) => {
    const repository = await administration.needRepository(name);
    const [isAlive, withChildren] = [flags.on("live"), flags.on("children")];
    const wish = { tag, digest, isAlive, withChildren };
    await forgetImage(administration, OPERATOR, repository, wish);
    print({ repository: name, tag, digest }, [`Tag ${tag} has forgotten ${digest}.`]);
  },
);
