import { listApplications, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { allById } from "./all-entries.ts";
import { printTable } from "./print-table.ts";

/** `wharf admin application list`. */
export const applicationList = adminCommand(
  {
    verb: "application list",
    summary: "list the OAuth applications of an organization",
    args: ["ORGANIZATION"],
    examples: [{ title: "All of them:", command: "wharf admin application list team" }],
  },
  async (run) => {
    const [organization = ""] = run.args;
    const found = await allById((page) =>
      listApplications(run.administration, OPERATOR, organization, page),
    );
    const applications = found.map(({ application }) => ({
      clientId: application.clientId,
      name: application.name,
      description: application.description,
      uri: application.applicationUri,
      redirectUri: application.redirectUri,
    }));
    printTable(
      run,
      { organization, applications },
      ["CLIENT ID", "NAME", "DESCRIPTION"],
      applications.map((one) => [one.clientId, one.name, one.description]),
    );
  },
);
