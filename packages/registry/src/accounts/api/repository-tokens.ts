import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { RegistryError } from "../../http/registry-error.ts";
import {
  createRepositoryToken,
  deleteRepositoryToken,
  findRepositoryToken,
  listRepositoryTokens,
} from "../admin/repository-tokens.ts";
import type { RepositoryTokenRow } from "../repository-token-store.ts";
import { idPage } from "./id-page.ts";

export const repositoryTokenRoutes: readonly ApiRoute[] = [
  serve(endpoints.listRepoTokens, async ({ context, actor, repository, query }) => {
    const { administration } = context.accounts;
    const { entries, ...next } = await idPage(
      query,
      (page) => listRepositoryTokens(administration, actor, repository.name, page),
      ({ id }) => id,
    );
    return { tokens: Object.fromEntries(entries.map((row) => [row.uuid, tokenOf(row)])), ...next };
  }),
  serve(endpoints.createToken, async ({ context, actor, repository, body }) => {
    const { friendlyName: title, role = "read", expiration } = body;
    const expiresAt = typeof expiration === "string" ? Date.parse(expiration) : undefined;
    const { administration } = context.accounts;
    if (expiresAt !== undefined && expiresAt <= context.now()) {
      throw new RegistryError("PARAMETER_INVALID", "expiration must be a time to come", {
        detail: { field: "expiration" },
      });
    }
    const wanted = { title, role, expiresAt };
    const made = await createRepositoryToken(administration, actor, repository.name, wanted);
    return {
      code: made.uuid,
      friendlyName: title,
      role,
      created: timeOf(made.createdAt),
      expiration: expiresAt === undefined ? null : timeOf(expiresAt),
      last_accessed: null,
      token: made.secret,
    };
  }),
  serve(endpoints.getTokens, async ({ context, actor, repository, path }) => {
    const { administration } = context.accounts;
    return tokenOf(await findRepositoryToken(administration, actor, repository.name, path.code));
  }),
  serve(endpoints.deleteToken, async ({ context, actor, repository, path }) => {
    const { administration } = context.accounts;
    await deleteRepositoryToken(administration, actor, repository.name, path.code);
    return undefined;
  }),
];

function tokenOf(row: RepositoryTokenRow) {
  return {
    code: row.uuid,
    friendlyName: row.title,
    role: row.role ?? ("read" as const),
    created: timeOf(row.created_at),
    expiration: row.expires_at === null ? null : timeOf(row.expires_at),
    last_accessed: row.last_used_at === null ? null : timeOf(row.last_used_at),
  };
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
