import {
  listOauthApplicationTokens,
  listRepositoryTokens,
  listUserTokens,
  OPERATOR,
} from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import type { AdminRun } from "./admin-command.ts";
import { allById, allEntries } from "./all-entries.ts";
import { printTokens } from "./token-table.ts";
import type { ShownToken } from "./token-table.ts";
import { onlyOwner, TOKEN_OWNER_FLAGS } from "./token-owner.ts";

/** `wharf admin token list`. */
export const tokenList = adminCommand(
  {
    verb: "token list",
    summary: "list tokens of a user, repository or application",
    args: [],
    description: ["Without what is secret. Tokens of robots: wharf admin robot token list."],
    examples: [
      { title: "Those that act as Alice:", command: "wharf admin token list --user alice" },
      {
        title: "Those that open a repository:",
        command: "wharf admin token list --repository team/app",
      },
    ],
    flags: TOKEN_OWNER_FLAGS,
  },
  async (run) => {
    const owner = onlyOwner(run.flags);
    printTokens(run, { [owner.kind]: owner.name }, await LISTS[owner.kind](run, owner.name));
  },
);

const LISTS = {
  user: async ({ administration }: AdminRun, name: string): Promise<ShownToken[]> => {
    const rows = await listUserTokens(administration, OPERATOR, name);
    return rows.flatMap((row) => {
      if (row.kind !== "application" && row.kind !== "oauth") return [];
      return [{ ...shownRow(row), kind: row.kind === "oauth" ? "$oauthtoken" : "$app" }];
    });
  },
  repository: async ({ administration }: AdminRun, name: string): Promise<ShownToken[]> => {
    const rows = await allById((page) =>
      listRepositoryTokens(administration, OPERATOR, name, page),
    );
    return rows.map((row) => ({ ...shownRow(row), kind: "$token", more: { role: row.role } }));
  },
  application: async ({ administration }: AdminRun, clientId: string): Promise<ShownToken[]> => {
    const place = await administration.needApplication(clientId);
    const tokens = await allEntries(
      (before: number | undefined, limit) =>
        listOauthApplicationTokens(administration, OPERATOR, place, { before, limit }),
      ({ id }) => id,
    );
    return tokens.map(({ uuid, name, scopes, repositories = null, createdBy, ...token }) => ({
      ...token,
      id: uuid,
      kind: "$oauthtoken",
      title: name,
      more: { user: createdBy, scopes, repositories },
    }));
  },
} as const;

interface Row {
  readonly uuid: string;
  readonly title: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

function shownRow(row: Row): Omit<ShownToken, "kind"> {
  return {
    id: row.uuid,
    title: row.title,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
