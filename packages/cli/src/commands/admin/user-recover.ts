import { OPERATOR, sendRecovery } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin user recover`. */
export const userRecover = adminCommand(
  {
    verb: "user recover",
    summary: "send a user a mail with a code for a new password",
    args: ["NAME"],
    description: [
      "The running server sends it, as mail.url of the configuration says. Without mail, set a password with wharf admin user password.",
    ],
    examples: [
      { title: "Alice has forgotten her password:", command: "wharf admin user recover alice" },
    ],
  },
  async ({ administration, args: [name = ""], print }) => {
    const email = await sendRecovery(administration, OPERATOR, name);
    print({ name, email }, [`A code for a new password goes to ${email}.`]);
  },
);
