import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { z } from "zod";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { decodeCursor, pageOf } from "../../api/cursor.ts";
import type { AnswerOf } from "../../api/endpoint-types.ts";
import { avatarOf } from "../avatar.ts";
import type { AssignmentRow } from "../oauth/assignment-store.ts";
import { declineAssignment, listAssignments } from "../oauth/assignments.ts";
import {
  deleteAuthorization,
  getAuthorization,
  listAuthorizations,
} from "../oauth/oauth-tokens.ts";
import type { OauthToken } from "../oauth/oauth-tokens.ts";
import { scopeFacts } from "../oauth/scope-facts.ts";

/** Tokens of applications that act as whoever asks, and those that wait to be accepted. */
export const authorizationRoutes: readonly ApiRoute[] = [
  serve(endpoints.listUserAuthorizations, async ({ context, actor, query }) => {
    const { limit = MOST_ENTRIES } = query;
    const page = { before: decodeCursor(query.next_page, z.int().min(0)), limit: limit + 1 };
    const found = await listAuthorizations(context.accounts.administration, actor, page);
    const { entries, ...next } = pageOf(found, limit, ({ id }) => id);
    return { authorizations: entries.map(documentOf), ...next };
  }),
  serve(endpoints.getUserAuthorization, async ({ context, actor, path }) =>
    documentOf(await getAuthorization(context.accounts.administration, actor, path.token_uuid)),
  ),
  serve(endpoints.deleteUserAuthorization, async ({ context, actor, path }) => {
    await deleteAuthorization(context.accounts.administration, actor, path.token_uuid);
    return undefined;
  }),
  serve(endpoints.listAssignedAuthorizations, async ({ context, actor, query }) => {
    const { limit = MOST_ENTRIES } = query;
    const before = decodeCursor(query.next_page, z.tuple([z.int(), z.string().max(64)]));
    const page = { before, limit: limit + 1 };
    const found = await listAssignments(context.accounts.administration, actor, page);
    const { entries, ...next } = pageOf(found, limit, (row) => [row.created_at, row.uuid]);
    return { authorizations: entries.map(assignmentOf), ...next };
  }),
  serve(endpoints.deleteAssignedAuthorization, async ({ context, actor, path }) => {
    await declineAssignment(context.accounts.administration, actor, path.uuid);
    return undefined;
  }),
];

function documentOf(token: OauthToken): AnswerOf<typeof endpoints.getUserAuthorization> {
  const { application, expiresAt, lastUsedAt, repositories } = token;
  return {
    application: applicationOf({ ...application, url: application.uri }),
    scopes: scopeFacts(token.scopes),
    uuid: token.uuid,
    repositories: repositories === undefined ? null : [...repositories],
    created: new Date(token.createdAt).toISOString(),
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    last_accessed: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
  };
}

type Assignments = AnswerOf<typeof endpoints.listAssignedAuthorizations>["authorizations"];

function assignmentOf(row: AssignmentRow): Assignments[number] {
  return {
    application: applicationOf({
      name: row.application_name,
      clientId: row.client_id,
      description: row.description,
      url: row.application_uri,
      organization: row.organization,
    }),
    uuid: row.uuid,
    redirectUri: row.redirect_uri,
    scopes: scopeFacts(row.scopes),
    responseType: row.response_type,
    repositories: row.repositories === null ? null : (JSON.parse(row.repositories) as string[]), // written by us alone
  };
}

function applicationOf(application: {
  readonly name: string;
  readonly clientId: string;
  readonly description: string;
  readonly url: string;
  readonly organization: string;
}): Assignments[number]["application"] {
  const { name, clientId, description, url, organization } = application;
  return {
    name,
    clientId,
    description,
    url,
    avatar: avatarOf(name, "app"),
    organization: { name: organization, avatar: avatarOf(organization, "org") },
  };
}
