import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import type { AnswerOf } from "../../api/endpoint-types.ts";
import {
  createOauthApplicationToken,
  deleteOauthApplicationToken,
  listOauthApplicationTokens,
} from "../oauth/oauth-tokens.ts";
import type { OauthToken } from "../oauth/oauth-tokens.ts";

export const applicationTokenRoutes: readonly ApiRoute[] = [
  serve(
    endpoints.listOrganizationApplicationTokens,
    async ({ context, actor, namespace, path, query }) => {
      const { limit = MOST_ENTRIES } = query;
      const before = decodeCursor(query.next_page, z.int().min(0));
      const found = await listOauthApplicationTokens(
        context.accounts.administration,
        actor,
        { organization: namespace.name, clientId: path.client_id },
        { before, limit: limit + 1 },
      );
      const { entries, ...next } = pageOf(found, limit, ({ id }) => id);
      return { tokens: entries.map(documentOf), ...next };
    },
  ),
  serve(
    endpoints.createOrganizationApplicationToken,
    async ({ context, actor, namespace, path, body }) => {
      const { name, scope, expiration, repositories } = body;
      const { token, secret } = await createOauthApplicationToken(
        context.accounts.administration,
        actor,
        { organization: namespace.name, clientId: path.client_id },
        {
          name,
          scope,
          repositories: repositories ?? undefined,
          life: expiration === undefined ? undefined : expiration * 1000,
        },
      );
      return { ...documentOf(token), token: secret };
    },
  ),
  serve(
    endpoints.deleteOrganizationApplicationToken,
    async ({ context, actor, namespace, path }) => {
      const place = { organization: namespace.name, clientId: path.client_id };
      const { administration } = context.accounts;
      await deleteOauthApplicationToken(administration, actor, place, path.token_uuid);
      return undefined;
    },
  ),
];

function documentOf(
  token: OauthToken,
): AnswerOf<typeof endpoints.createOrganizationApplicationToken> {
  const timeOf = (time: number | null): string | null =>
    time === null ? null : new Date(time).toISOString();
  return {
    uuid: token.uuid,
    name: token.name,
    scope: token.scopes,
    repositories: token.repositories === undefined ? null : [...token.repositories],
    expires_at: timeOf(token.expiresAt),
    created: new Date(token.createdAt).toISOString(),
    created_by: token.createdBy,
    last_accessed: timeOf(token.lastUsedAt),
    last_used_from: token.lastUsedFrom,
  };
}
