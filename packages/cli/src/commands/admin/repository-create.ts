import { createRepository, OPERATOR } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { oneOf } from "../one-of.ts";
import { adminCommand } from "./admin-command.ts";

/** `wharf admin repository create`. */
export const repositoryCreate = adminCommand(
  {
    verb: "repository create",
    summary: "create a repository, as a first push would",
    args: ["REPOSITORY"],
    examples: [
      {
        title: "One that everybody may pull:",
        command: "wharf admin repository create team/app --visibility public",
      },
    ],
    flags: [
      {
        name: "visibility",
        value: "private|public",
        help: "Who may pull: those with a role, or everybody. Default: registry.createdByPush.",
      },
      { name: "description", value: "TEXT", help: "What is in it; Markdown." },
    ],
  },
  async ({ administration, args: [text = ""], flags, print }) => {
    const slash = text.indexOf("/");
    if (slash < 1) {
      throw new UsageError(
        `${JSON.stringify(text)} is no name of a repository`,
        "write NAMESPACE/NAME, such as team/app",
      );
    }
    const { name, visibility } = await createRepository(administration, OPERATOR, {
      namespace: text.slice(0, slash),
      name: text.slice(slash + 1),
      visibility: oneOf(flags, "visibility", ["private", "public"]),
      description: flags.value("description") ?? "",
    });
    print({ name, visibility }, [`Repository ${name} is created; it is ${visibility}.`]);
  },
);
