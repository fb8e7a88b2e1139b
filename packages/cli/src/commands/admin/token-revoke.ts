import {
  deleteOauthApplicationToken,
  deleteRepositoryToken,
  deleteUserToken,
  OPERATOR,
} from "@wharf/registry";

import { adminCommand } from "./admin-command.ts";
import type { AdminRun } from "./admin-command.ts";
import { onlyOwner, TOKEN_OWNER_FLAGS } from "./token-owner.ts";

/** `wharf admin token revoke`. */
export const tokenRevoke = adminCommand(
  {
    verb: "token revoke",
    summary: "revoke a token of them",
    args: ["ID"],
    description: [
      "It is worth nothing at once; tokens of /v2/auth that clients got for it end when they expire (accounts.tokenLifetime).",
    ],
    examples: [
      {
        title: "One that wharf admin token list --user alice has shown:",
        command: "wharf admin token revoke --user alice 0f8fad5b-d9cb-469f-a165-70867728950e",
      },
    ],
    flags: TOKEN_OWNER_FLAGS,
  },
  async (run) => {
    const [id = ""] = run.args;
    const owner = onlyOwner(run.flags);
    await REVOCATIONS[owner.kind](run, owner.name, id);
    run.print({ [owner.kind]: owner.name, id }, [`Token ${id} is revoked.`]);
  },
);

const REVOCATIONS = {
  user: ({ administration }: AdminRun, name: string, id: string) =>
    deleteUserToken(administration, OPERATOR, name, id),
  repository: ({ administration }: AdminRun, name: string, id: string) =>
    deleteRepositoryToken(administration, OPERATOR, name, id),
  application: async ({ administration }: AdminRun, clientId: string, id: string) => {
    const place = await administration.needApplication(clientId);
    await deleteOauthApplicationToken(administration, OPERATOR, place, id);
  },
} as const;
