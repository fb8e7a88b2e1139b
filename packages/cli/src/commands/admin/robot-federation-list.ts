import { listFederatedIdentities, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { printTable } from "./print-table.ts";
import { robotParts } from "./robot-name.ts";

/** `wharf admin robot federation list`. */
export const robotFederationList = adminCommand(
  {
    verb: "robot federation list",
    summary: "list whose OIDC tokens a robot trusts",
    args: ["NAMESPACE+NAME"],
    examples: [
      { title: "Whom does it trust?", command: "wharf admin robot federation list team+deploy" },
    ],
  },
  async (run) => {
    const [name = ""] = run.args;
    const found = await listFederatedIdentities(run.administration, OPERATOR, robotParts(name));
    const identities = found.map(({ issuer, subject, audience = null }) => ({
      issuer,
      subject,
      audience,
    }));
    printTable(
      run,
      { name, identities },
      ["ISSUER", "AUDIENCE", "SUBJECT"],
      identities.map((one) => [one.issuer, one.audience ?? "", one.subject]),
    );
  },
);
