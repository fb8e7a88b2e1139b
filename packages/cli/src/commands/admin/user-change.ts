import { OPERATOR, setEnabled, setSuperuser } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { yesNo } from "./yes-no.ts";

/** `wharf admin user change`. */
export const userChange = adminCommand(
  {
    verb: "user change",
    summary: "disable or enable a user, give or take superuser rights",
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
      { name: "enabled", value: "yes|no", help: "May the user log in?" },
      { name: "superuser", value: "yes|no", help: "May the user do everything in the registry?" },
    ],
  },
  async ({ administration, args: [name = ""], flags, print }) => {
    const enabled = yesNo(flags, "enabled");
    const superuser = yesNo(flags, "superuser");
    if (enabled === undefined && superuser === undefined) {
      throw new UsageError("nothing to change", "give --enabled or --superuser");
    }
    if (superuser !== undefined) await setSuperuser(administration, OPERATOR, name, superuser);
    if (enabled !== undefined) await setEnabled(administration, OPERATOR, name, enabled);
    print({ name, enabled, superuser }, [`User ${name} is changed.`]);
  },
);
