import type { ListedAccount } from "@wharf/registry";

import { terminalWidth } from "../../output/terminal-width.ts";
import { textTable } from "../../output/text-table.ts";
import type { AdminRun } from "./admin-command.ts";

/** Prints users, organizations or robots. */
export function printAccounts(
  { print, context }: AdminRun,
  accounts: readonly ListedAccount[],
): void {
  const documents = accounts.map((account) => ({
    name: account.name,
    email: account.email,
    enabled: account.enabled === 1,
    superuser: account.superuser === 1,
    description: account.description,
    createdAt: new Date(account.created_at).toISOString(),
  }));
  const rows = documents.map(({ name, enabled, superuser, createdAt, description }) => [
    name,
    [superuser ? "superuser" : "", enabled ? "" : "disabled"].filter(Boolean).join(", "),
    createdAt.slice(0, 10),
    description,
  ]);
  print(
    { accounts: documents },
    textTable(
      [
        { title: "NAME", align: "left" },
        { title: "STATE", align: "left" },
        { title: "CREATED", align: "left" },
        { title: "DESCRIPTION", align: "left" },
      ],
      rows,
      terminalWidth(context.stdout),
    ),
  );
}
