import { OPERATOR, setPassword } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { PASSWORD_FLAG, passwordInput } from "./password-input.ts";

/** `wharf admin user password`. */
export const userPassword = adminCommand(
  {
    verb: "user password",
    summary: "set the password of a user",
    args: ["NAME"],
    description: [
      "Logins with the old password end at once; tokens that clients hold end when they expire (accounts.tokenLifetime).",
    ],
    examples: [
      {
        title: "The administrator's password is lost:",
        command: "wharf admin user password admin",
      },
    ],
    flags: [PASSWORD_FLAG],
  },
  async ({ administration, args: [name = ""], flags, context, print }) => {
    const { password, isMadeUp } = await passwordInput(flags, context);
    await setPassword(administration, OPERATOR, name, password);
    print({ name, ...(isMadeUp ? { password } : {}) }, [
      `The password of ${name} is changed.`,
      ...(isMadeUp ? [`password  ${password}`, "", "It is shown only now."] : []),
    ]);
  },
);
