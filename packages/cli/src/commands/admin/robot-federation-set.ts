import { listFederatedIdentities, OPERATOR, setFederatedIdentities } from "@wharf/registry";

import { UsageError } from "../../usage-error.ts";
import { adminCommand } from "./admin-command.ts";
import { robotParts } from "./robot-name.ts";

/** `wharf admin robot federation set`. */
export const robotFederationSet = adminCommand(
  {
    verb: "robot federation set",
    summary: "let a robot trust the OIDC tokens of somebody",
    args: ["NAMESPACE+NAME"],
    description: [
      "The build of a CI then needs no secret: it shows the token that its CI has signed, and gets one of the robot for an hour. Others that the robot trusts stay; the same issuer and subject gets another audience.",
    ],
    examples: [
      {
        title: "The main branch of a repository at GitHub may push:",
        command:
          "wharf admin robot federation set team+build \\\n  --issuer https://token.actions.githubusercontent.com \\\n  --subject repo:example/app:ref:refs/heads/main",
      },
    ],
    flags: [
      { name: "issuer", value: "URL", help: "Who signs the tokens, exactly as iss says it." },
      { name: "subject", value: "TEXT", help: "Whom they are about, exactly as sub says it." },
      {
        name: "audience",
        value: "TEXT",
        help: "Whom they are for, as aud says it. Default: accounts.federationAudience, else server.url.",
      },
    ],
  },
  async ({ administration, args: [name = ""], flags, print }) => {
    const [issuer, subject] = [flags.value("issuer"), flags.value("subject")];
    if (issuer === undefined || subject === undefined) {
      throw new UsageError("it is not said whom to trust", "give --issuer and --subject");
    }
    const audience = flags.value("audience");
    const place = robotParts(name);
    const known = await listFederatedIdentities(administration, OPERATOR, place);
    const others = known.filter((one) => one.issuer !== issuer || one.subject !== subject);
    const identities = [...others, { issuer, subject, audience }];
    await setFederatedIdentities(administration, OPERATOR, place, identities);
    print({ name, issuer, subject, audience: audience ?? null }, [
      `Tokens of ${subject} by ${issuer} are exchanged for tokens of ${name}.`,
    ]);
  },
);
