import { deleteApplication, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";

/** `wharf admin application delete`. */
export const applicationDelete = adminCommand(
  {
    verb: "application delete",
    summary: "delete an OAuth application with all its tokens",
    args: ["ORGANIZATION", "CLIENT-ID"],
    examples: [
      {
        title: "One that wharf admin application list has shown:",
        command: "wharf admin application delete team 5c2pQ0bVn4",
      },
    ],
  },
  async ({ administration, args: [organization = "", clientId = ""], print }) => {
    await deleteApplication(administration, OPERATOR, { organization, clientId });
    print({ organization, clientId }, [`Application ${clientId} of ${organization} is deleted.`]);
  },
);
