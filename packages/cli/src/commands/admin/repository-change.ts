import { changeRepository, OPERATOR } from "@wharf/registry";
import type { RepositorySettings } from "@wharf/registry";

import type { ParsedFlags } from "../../parse-flags.ts";
import { UsageError } from "../../usage-error.ts";
import { oneOf } from "../one-of.ts";
import { adminCommand } from "./admin-command.ts";
import { yesNo } from "./yes-no.ts";

/** `wharf admin repository change`. */
export const repositoryChange = adminCommand(
  {
    verb: "repository change",
    summary: "change the settings of a repository",
    args: ["REPOSITORY"],
    description: ["Only what is given changes. Prints all settings as they are then."],
    examples: [
      {
        title: "Everybody may pull it:",
        command: "wharf admin repository change team/app --visibility public",
      },
      {
        title: "Squashed images shall be ready before anybody asks:",
        command: "wharf admin repository change team/app --squash-at-push yes",
      },
    ],
    flags: [
      {
        name: "visibility",
        value: "private|public",
        help: "Who may pull: those with a role, or everybody.",
      },
      { name: "state", value: "normal|read-only", help: "May it be pushed to and deleted from?" },
      { name: "description", value: "TEXT", help: "What is in it; Markdown." },
      {
        name: "squash-at-push",
        value: "yes|no",
        help: "Make squashed images when an image is pushed, not when the first one is asked for.",
      },
      {
        name: "squash-compression",
        value: "none|gzip|zstd",
        help: "How the layer of NAME:TAG.squash is pulled.",
      },
    ],
  },
  async ({ administration, args: [name = ""], flags, print }) => {
    const settings = settingsOf(flags);
    if (Object.values(settings).every((value) => value === undefined)) {
      throw new UsageError(
        "nothing to change",
        'see "wharf admin repository change --help" for the settings',
      );
    }
    const repository = await changeRepository(administration, OPERATOR, name, settings);
    const { visibility, state, squashAtPush, squashCompression } = repository;
    print({ name: repository.name, visibility, state, squashAtPush, squashCompression }, [
      repository.name,
      `  visibility          ${visibility}`,
      `  state               ${state}`,
      `  squash at push      ${squashAtPush ? "yes" : "no"}`,
      `  squash compression  ${squashCompression}`,
    ]);
  },
);

function settingsOf(flags: ParsedFlags): RepositorySettings {
  return {
    visibility: oneOf(flags, "visibility", ["private", "public"]),
    state: oneOf(flags, "state", ["normal", "read-only"]),
    description: flags.value("description"),
    squashAtPush: yesNo(flags, "squash-at-push"),
    squashCompression: oneOf(flags, "squash-compression", ["none", "gzip", "zstd"]),
  };
}
