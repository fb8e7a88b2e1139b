import { listFederatedIdentities, OPERATOR, setFederatedIdentities } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { robotParts } from "./robot-name.ts";

/** `wharf admin robot federation remove`. */
export const robotFederationRemove = adminCommand(
  {
    verb: "robot federation remove",
    summary: "let a robot trust somebody no longer, or nobody",
    args: ["NAMESPACE+NAME"],
    description: ["Tokens that were exchanged for theirs are revoked. Without flags: everybody's."],
    examples: [
      {
        title: "The CI was moved:",
        command:
          "wharf admin robot federation remove team+build \\\n  --issuer https://ci.example.com",
      },
    ],
    flags: [
      { name: "issuer", value: "URL", help: "Only those of this issuer." },
      { name: "subject", value: "TEXT", help: "Only those with this subject." },
    ],
  },
  async ({ administration, args: [name = ""], flags, print }) => {
    const [issuer, subject] = [flags.value("issuer"), flags.value("subject")];
    const place = robotParts(name);
    const known = await listFederatedIdentities(administration, OPERATOR, place);
    const kept = known.filter(
      (one) =>
        (issuer !== undefined && one.issuer !== issuer) ||
        (subject !== undefined && one.subject !== subject),
    );
    const removed = known.length - kept.length;
    if (removed > 0) await setFederatedIdentities(administration, OPERATOR, place, kept);
    print({ name, removed, left: kept.length }, [
      `${name}: ${removed} removed, ${kept.length} left.`,
    ]);
  },
);
