import { createOrganization, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin organization create`. */
export const organizationCreate = adminCommand(
  {
    verb: "organization create",
    summary: "create an organization, a namespace for several",
    args: ["NAME"],
    description: ["Its people are in teams, which have roles on its repositories."],
    examples: [
      {
        title: "A namespace for a team, so that HOST/team/app can be pushed:",
        command: "wharf admin organization create team --owner alice",
      },
    ],
    flags: [
      {
        name: "owner",
        value: "USER",
        help: "First member of its team owners, who may do everything in it. Default: the administrator of the configuration (accounts.adminName).",
      },
      { name: "email", value: "ADDRESS", help: "Where its people are reached." },
      { name: "description", value: "TEXT", help: "What it is for." },
    ],
  },
  async ({ administration, config, args: [name = ""], flags, print }) => {
    const owner = flags.value("owner") ?? config.accounts.adminName;
    await createOrganization(administration, OPERATOR, {
      name,
      owner,
      email: flags.value("email"),
      description: flags.value("description"),
    });
    print({ name, owner }, [`Organization ${name} is created; ${owner} owns it.`]);
  },
);
