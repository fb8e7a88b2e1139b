import { createUser, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { PASSWORD_FLAG, passwordInput } from "./password-input.ts";

/** `wharf admin user create`. */
export const userCreate = adminCommand(
  {
    verb: "user create",
    summary: "create a user",
    args: ["NAME"],
    examples: [
      { title: "With a password that is made up:", command: "wharf admin user create alice" },
      {
        title: "With one from a password manager:",
        command: "pass show alice | wharf admin user create alice --password-file -",
      },
    ],
    flags: [
      PASSWORD_FLAG,
      { name: "email", value: "ADDRESS", help: "Address for mail." },
      { name: "superuser", help: "May do everything in the registry." },
    ],
  },
  async ({ administration, args: [name = ""], flags, context, print }) => {
    const { password, isMadeUp } = await passwordInput(flags, context);
    const email = flags.value("email");
    const superuser = flags.on("superuser");
    await createUser(administration, OPERATOR, {
      name,
      password,
      superuser,
      ...(email === undefined ? {} : { email }),
    });
    print({ name, superuser, ...(isMadeUp ? { password } : {}) }, [
      `User ${name} is created.`,
      ...(isMadeUp ? [`password  ${password}`, "", "The password is shown only now."] : []),
    ]);
  },
);
