import { createApplication, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin application create`. */
export const applicationCreate = adminCommand(
  {
    verb: "application create",
    summary: "create an OAuth application of an organization",
    args: ["ORGANIZATION", "NAME"],
    description: [
      "Users let it act as them; tokens of it are also made with wharf admin token create --application.",
    ],
    examples: [
      {
        title: "For the automation of the API:",
        command: "wharf admin application create team automation",
      },
    ],
    flags: [
      { name: "description", value: "TEXT", help: "What it is for." },
      { name: "uri", value: "URL", help: "Its home page." },
      { name: "redirect-uri", value: "URL", help: "Where browsers are sent with a code." },
    ],
  },
  async ({ administration, args: [organization = "", name = ""], flags, print }) => {
    const made = await createApplication(administration, OPERATOR, organization, {
      name,
      description: flags.value("description"),
      applicationUri: flags.value("uri"),
      redirectUri: flags.value("redirect-uri"),
    });
    const { clientId, clientSecret = "" } = made;
    print({ organization, name, clientId, clientSecret }, [
      `Application ${name} of ${organization} is created.`,
      `client id      ${clientId}`,
      `client secret  ${clientSecret}`,
    ]);
  },
);
