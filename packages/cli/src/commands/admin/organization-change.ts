import { changeOrganization, OPERATOR, parseDuration } from "@wharf/registry";

import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";

/** `wharf admin organization change`. */
export const organizationChange = adminCommand(
  {
    verb: "organization change",
    summary: "change address, text or tag window of one",
    args: ["NAME"],
    description: ["Only what is given changes."],
    examples: [
      {
        title: "Deleted and moved tags can be taken back for four weeks:",
        command: "wharf admin organization change team --tag-expiration 4w",
      },
    ],
    flags: [
      { name: "email", value: "ADDRESS|none", help: "Where its people are reached." },
      { name: "description", value: "TEXT", help: "What it is for." },
      {
        name: "tag-expiration",
        value: "TIME",
        help: "How long tags can be taken back: one of collection.tagExpirationChoices.",
      },
    ],
  },
  async ({ administration, args: [name = ""], flags, print }) => {
    const given = flags.value("email");
    const email = given === "none" ? "" : given;
    const description = flags.value("description");
    const tagExpiration = secondsOf(flags);
    if ([email, description, tagExpiration].every((value) => value === undefined)) {
      throw new UsageError("nothing to change", "give --email, --description or --tag-expiration");
    }
    const changes = { email, description, tagExpiration };
    await changeOrganization(administration, OPERATOR, name, changes);
    print(
      { name, email, description, ...(tagExpiration && { tagExpirationSeconds: tagExpiration }) },
      [`Organization ${name} is changed.`],
    );
  },
);

function secondsOf(flags: ParsedFlags): number | undefined {
  const text = flags.value("tag-expiration");
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration !== undefined) return duration / 1000;
  throw new UsageError(
    `--tag-expiration ${JSON.stringify(text)} is no time`,
    "write it like 14d or 4w",
  );
}
