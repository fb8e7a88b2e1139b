import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { mailDate } from "../../api/mail-date.ts";
import { personOf } from "../person.ts";
import {
  createAppToken,
  getOwnAppToken,
  listEveryAppToken,
  listOwnAppTokens,
  revokeAnyAppToken,
  revokeOwnAppToken,
} from "../users/app-tokens.ts";
import type { AppToken, TokenList } from "../users/app-tokens.ts";

export const appTokenRoutes: readonly ApiRoute[] = [
  serve(endpoints.listAppTokens, async ({ actor, context, query }) => {
    const { administration } = context.accounts;
    const list = listOf(query);
    const { entries, next_page } = await listOwnAppTokens(administration, personOf(actor), list);
    return { tokens: entries.map(tokenView), only_expiring: query.expiring ?? null, next_page };
  }),

  serve(endpoints.createAppToken, async ({ actor, context, body: { title, expiration } }) => {
    const { administration } = context.accounts;
    const person = personOf(actor);
    const expiresAt = timeOf(expiration);
    const { uuid } = await createAppToken(administration, person, person.name, {
      title,
      expiresAt,
    });
    const { secret = null, ...token } = await getOwnAppToken(administration, person, uuid);
    return { token: { ...tokenView(token), token_code: secret } };
  }),

  serve(endpoints.getAppToken, async ({ actor, context, path: { token_uuid: uuid } }) => {
    const { administration } = context.accounts;
    const { secret = null, ...token } = await getOwnAppToken(administration, personOf(actor), uuid);
    return { token: { ...tokenView(token), token_code: secret } };
  }),

  serve(endpoints.revokeAppToken, async ({ actor, context, path: { token_uuid: uuid } }) => {
    await revokeOwnAppToken(context.accounts.administration, personOf(actor), uuid);
    return undefined;
  }),

  serve(endpoints.listAllAppTokens, async ({ actor, context, query }) => {
    const { administration } = context.accounts;
    const { entries, next_page } = await listEveryAppToken(administration, actor, listOf(query));
    return {
      tokens: entries.map((token) => ({ ...tokenView(token), user: token.user })),
      only_expiring: query.expiring ?? null,
      next_page,
    };
  }),

  serve(endpoints.revokeUserAppToken, async ({ actor, context, path: { token_uuid: uuid } }) => {
    await revokeAnyAppToken(context.accounts.administration, actor, uuid);
    return undefined;
  }),
];

function listOf(query: {
  readonly limit?: number | undefined;
  readonly next_page?: string | undefined;
  readonly expiring?: boolean | undefined;
}): TokenList {
  return {
    limit: query.limit ?? MOST_ENTRIES,
    cursor: query.next_page,
    expiring: query.expiring ?? false,
  };
}

/** @param expiration RFC 3339, or seconds since 1970 */
function timeOf(expiration: string | number | null | undefined): number | undefined {
  if (expiration === undefined || expiration === null) return undefined;
  return typeof expiration === "string" ? Date.parse(expiration) : expiration * 1000;
}

function tokenView({ uuid, title, created_at, expires_at, last_used_at }: AppToken) {
  return {
    uuid,
    title,
    created: mailDate(created_at),
    expiration: expires_at === null ? null : mailDate(expires_at),
    last_accessed: last_used_at === null ? null : mailDate(last_used_at),
  };
}
