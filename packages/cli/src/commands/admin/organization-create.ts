import { createOrganization, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin organization create`. */
export const organizationCreate = adminCommand(
  {
    verb: "organization create",
    summary: "create an organization, a namespace that people share",
    args: ["NAME"],
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
      { name: "description", value: "TEXT", help: "What it is for." },
    ],
  },
  async ({ administration, config, args: [name = ""], flags, print }) => {
    const owner = flags.value("owner") ?? config.accounts.adminName;
    const description = flags.value("description");
    await createOrganization(administration, OPERATOR, {
      name,
      owner,
      ...(description === undefined ? {} : { description }),
    });
    print({ name, owner }, [`Organization ${name} is created; ${owner} owns it.`]);
  },
);
