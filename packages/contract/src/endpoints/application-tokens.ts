import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { nextPage, page, text, timestamp } from "../values.ts";

const PATH = "/api/v1/organization/{orgname}/applications/{client_id}/tokens";

const applicationToken = z.object({
  uuid: z.string(),
  name: z.string(),
  scope: z.string().describe("separated by spaces"),
  repositories: z
    .array(z.string())
    .nullable()
    .describe("full names of the only repositories that it is for; null: all that its user may"),
  expires_at: timestamp.nullable(),
  created: timestamp,
  created_by: z.string().nullable().describe("the user whom it acts as"),
  last_accessed: timestamp.nullable().describe("exact to the hour"),
  last_used_from: z.string().nullable().describe("address of the last use that was noted"),
  token: z
    .string()
    .optional()
    .describe("only in the answer that makes it: `Authorization: Bearer`"),
});

export const listOrganizationApplicationTokens = endpoint({
  id: "listOrganizationApplicationTokens",
  method: "GET",
  path: PATH,
  section: "application",
  summary: "List the tokens of an OAuth application, newest first.",
  right: "organization.admin",
  query: z.object(page),
  status: 200,
  answer: z.object({ tokens: z.array(applicationToken), next_page: nextPage }),
  quay: "extended: with repositories",
});

export const createOrganizationApplicationToken = endpoint({
  id: "createOrganizationApplicationToken",
  method: "POST",
  path: PATH,
  section: "application",
  summary: "Create a token of an OAuth application that acts as you, within its scopes.",
  right: "organization.admin",
  fresh: true,
  body: z.object({
    name: text(255).min(1, "must not be empty"),
    scope: text(1024).min(1, "must not be empty").describe("separated by spaces or commas"),
    expiration: z
      .number()
      .positive("must be a number of seconds to come")
      .optional()
      .describe("lifetime in seconds, at most 10 years; missing: `accounts.oauthTokenLifetime`"),
    repositories: z
      .array(text(255))
      .min(1, "must name a repository")
      .max(100, "must have at most 100 entries")
      .nullable()
      .optional()
      .describe("full names of the only repositories that it is for"),
  }),
  status: 200,
  answer: applicationToken,
  quay: "extended: with repositories; a year unless it says otherwise, where Quay gives ten",
});

export const deleteOrganizationApplicationToken = endpoint({
  id: "deleteOrganizationApplicationToken",
  method: "DELETE",
  path: `${PATH}/{token_uuid}`,
  section: "application",
  summary: "Revoke a token of an OAuth application.",
  right: "organization.admin",
  status: 204,
  quay: "same",
});
