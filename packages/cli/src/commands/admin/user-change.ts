import { changeUser, OPERATOR } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { yesNo } from "./yes-no.ts";

/** `wharf admin user change`. */
export const userChange = adminCommand(
  {
    verb: "user change",
    summary: "change address, state or rights of a user",
    args: ["NAME"],
    description: [
      "A disabled user cannot log in, nor can the robots in their namespace; their images stay. The last superuser cannot be disabled or lose the rights.",
    ],
    examples: [
      { title: "Alice has left:", command: "wharf admin user change alice --enabled no" },
      {
        title: "Bob becomes an administrator:",
        command: "wharf admin user change bob --superuser yes",
      },
    ],
    flags: [
      {
        name: "email",
        value: "ADDRESS|none",
        help: "Address for mail; it counts as confirmed.",
      },
      { name: "enabled", value: "yes|no", help: "May the user log in?" },
      { name: "superuser", value: "yes|no", help: "May the user do everything in the registry?" },
    ],
  },
  async ({ administration, args: [name = ""], flags, print }) => {
    const given = flags.value("email");
    const email = given === "none" ? null : given;
    const enabled = yesNo(flags, "enabled");
    const superuser = yesNo(flags, "superuser");
    if ([email, enabled, superuser].every((value) => value === undefined)) {
      throw new UsageError("nothing to change", "give --email, --enabled or --superuser");
    }
    await changeUser(administration, OPERATOR, name, { email, enabled, superuser });
    print({ name, email, enabled, superuser }, [`User ${name} is changed.`]);
  },
);
