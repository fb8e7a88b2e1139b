import { createPrototype, OPERATOR } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { prototypeDocument, prototypeText } from "./default-permission-text.ts";
import { namedOne, ROLES } from "./named-one.ts";

/** `wharf admin default-permission add`. */
export const defaultPermissionAdd = adminCommand(
  {
    verb: "default-permission add",
    summary: "give a role on every new repository",
    args: ["ORGANIZATION", "ROLE"],
    description: [
      "Repositories that are there already keep what they have. The role is read, write or admin.",
    ],
    examples: [
      {
        title: "Developers may push to whatever is created:",
        command: "wharf admin default-permission add team write --team developers",
      },
      {
        title: "A robot may pull what the build creates:",
        command:
          "wharf admin default-permission add team read \\\n  --account team+deploy --creator team+build",
      },
    ],
    flags: [
      { name: "account", value: "NAME", help: "The user or robot that gets the role." },
      { name: "team", value: "NAME", help: "The team that gets it." },
      {
        name: "creator",
        value: "NAME",
        help: "Only for repositories that this user or robot creates.",
      },
    ],
  },
  async ({ administration, args: [organization = "", text = ""], flags, print }) => {
    const role = namedOne("role", text, ROLES);
    const [account, team] = [flags.value("account"), flags.value("team")];
    if ((account === undefined) === (team === undefined)) {
      throw new UsageError("the role is for an account or for a team", "give --account or --team");
    }
    const made = await createPrototype(administration, OPERATOR, organization, {
      role,
      activating: flags.value("creator"),
      delegate: { kind: team === undefined ? "user" : "team", name: team ?? account ?? "" },
    });
    print({ organization, ...prototypeDocument(made) }, [
      `New repositories of ${organization}: ${prototypeText(made)}.`,
    ]);
  },
);
