import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { avatar, nextPage, page, timestamp } from "../values.ts";

const GIVEN = "/api/v1/user/authorizations";
const ASSIGNED = "/api/v1/user/assignedauthorization";

const application = z.object({
  name: z.string(),
  clientId: z.string(),
  description: z.string(),
  url: z.string(),
  avatar,
  organization: z.object({ name: z.string(), avatar }),
});

const scope = z.object({
  title: z.string(),
  scope: z.string(),
  description: z.string(),
  icon: z.string(),
  dangerous: z.boolean(),
});

const repositories = z
  .array(z.string())
  .nullable()
  .describe("the only repositories that it is for; null: all that you may");

const authorization = z.object({
  application,
  scopes: z.array(scope),
  uuid: z.string(),
  repositories,
  created: timestamp,
  expires_at: timestamp.nullable(),
  last_accessed: timestamp.nullable().describe("exact to the hour"),
});

const assignment = z.object({
  application,
  uuid: z.string(),
  redirectUri: z.string(),
  scopes: z.array(scope),
  responseType: z.string(),
  repositories,
});

export const listUserAuthorizations = endpoint({
  id: "listUserAuthorizations",
  method: "GET",
  path: GIVEN,
  section: "application",
  summary: "List the OAuth tokens that act as you, newest first.",
  right: "self.admin",
  query: z.object(page),
  status: 200,
  answer: z.object({ authorizations: z.array(authorization), next_page: nextPage }),
  quay: "extended: in pages, with times and repositories",
});

export const getUserAuthorization = endpoint({
  id: "getUserAuthorization",
  method: "GET",
  path: `${GIVEN}/{token_uuid}`,
  section: "application",
  summary: "Show an OAuth token that acts as you.",
  right: "self.admin",
  status: 200,
  answer: authorization,
  quay: "same",
});

export const deleteUserAuthorization = endpoint({
  id: "deleteUserAuthorization",
  method: "DELETE",
  path: `${GIVEN}/{token_uuid}`,
  section: "application",
  summary: "Revoke an OAuth token that acts as you.",
  right: "self.admin",
  status: 204,
  quay: "same",
});

export const listAssignedAuthorizations = endpoint({
  id: "listAssignedAuthorizations",
  method: "GET",
  path: ASSIGNED,
  section: "application",
  summary: "List the tokens that administrators have prepared for you to accept, newest first.",
  right: "self.admin",
  query: z.object(page),
  status: 200,
  answer: z.object({ authorizations: z.array(assignment), next_page: nextPage }),
  quay: "extended: in pages",
});

export const deleteAssignedAuthorization = endpoint({
  id: "deleteAssignedAuthorization",
  method: "DELETE",
  path: `${ASSIGNED}/{uuid}`,
  section: "application",
  summary: "Decline a token that was prepared for you.",
  right: "self.admin",
  status: 204,
  quay: "same",
});
