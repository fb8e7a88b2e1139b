import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import type { AnswerOf, BodyOf } from "../../api/endpoint-types.ts";
import { createRobotToken, deleteRobotToken, listRobotTokens } from "../robots/robot-tokens.ts";
import type { ListedRobotToken } from "../robots/robot-tokens.ts";
import { placeOf } from "./robots.ts";
import type { AskedOfRobot } from "./robots.ts";

export const robotTokenRoutes: readonly ApiRoute[] = [
  serve(endpoints.listOrgRobotTokens, (asked) => list(asked)),
  serve(endpoints.listUserRobotTokens, (asked) => list(asked)),
  serve(endpoints.createOrgRobotToken, (asked) => create(asked, asked.body)),
  serve(endpoints.createUserRobotToken, (asked) => create(asked, asked.body)),
  serve(endpoints.deleteOrgRobotToken, (asked) => remove(asked, asked.path.token_uuid)),
  serve(endpoints.deleteUserRobotToken, (asked) => remove(asked, asked.path.token_uuid)),
];

type TokenDocument = AnswerOf<typeof endpoints.createOrgRobotToken>;

async function list(asked: AskedOfRobot): Promise<{ tokens: TokenDocument[] }> {
  const { context, actor } = asked;
  const { administration } = context.accounts;
  const tokens = await listRobotTokens(administration, actor, placeOf(asked));
  return { tokens: tokens.map(documentOf) };
}

async function create(
  asked: AskedOfRobot,
  body: BodyOf<typeof endpoints.createOrgRobotToken>,
): Promise<TokenDocument> {
  const { context, actor } = asked;
  const { title = "", expiration } = body;
  const expiresAt = typeof expiration === "string" ? Date.parse(expiration) : undefined;
  const { administration } = context.accounts;
  const place = placeOf(asked);
  return documentOf(await createRobotToken(administration, actor, place, { title, expiresAt }));
}

async function remove(asked: AskedOfRobot, uuid: string): Promise<undefined> {
  const { context, actor } = asked;
  const { administration } = context.accounts;
  await deleteRobotToken(administration, actor, placeOf(asked), uuid);
}

function documentOf(token: ListedRobotToken): TokenDocument {
  return {
    uuid: token.uuid,
    title: token.title,
    token: token.token ?? null,
    created: new Date(token.createdAt).toISOString(),
    created_by: token.createdBy,
    expiration: timeOf(token.expiresAt),
    last_accessed: timeOf(token.lastUsedAt),
    last_used_from: token.lastUsedFrom,
  };
}

function timeOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
