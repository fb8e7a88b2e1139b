import { listPrototypes, OPERATOR } from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import { allEntries } from "./all-entries.ts";
import { prototypeDocument } from "./default-permission-text.ts";
import { printTable } from "./print-table.ts";

/** `wharf admin default-permission list`. */
export const defaultPermissionList = adminCommand(
  {
    verb: "default-permission list",
    summary: "list the roles that new repositories begin with",
    args: ["ORGANIZATION"],
    examples: [{ title: "All of them:", command: "wharf admin default-permission list team" }],
  },
  async (run) => {
    const [organization = ""] = run.args;
    const found = await allEntries(
      (after: readonly [number, string] = [0, ""], limit) =>
        listPrototypes(run.administration, OPERATOR, organization, { after, limit }),
      ({ createdAt, id }) => [createdAt, id] as const,
    );
    const defaultPermissions = found.map(prototypeDocument);
    printTable(
      run,
      { organization, defaultPermissions },
      ["ID", "ROLE", "KIND", "NAME", "CREATOR"],
      defaultPermissions.map((one) => [one.id, one.role, one.kind, one.name, one.creator ?? ""]),
    );
  },
);
