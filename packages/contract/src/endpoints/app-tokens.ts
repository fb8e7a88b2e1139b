import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { mailDate, nextPage, page, queryBoolean, text, timestamp } from "../values.ts";

const TOKENS = "/api/v1/user/apptoken";

const appToken = z.object({
  uuid: z.string(),
  title: z.string(),
  last_accessed: mailDate.nullable().describe("exact to the hour"),
  created: mailDate,
  expiration: mailDate.nullable(),
});

const openAppToken = appToken.extend({
  token_code: z
    .string()
    .nullable()
    .describe("the password of `docker login`, with `$app` or your own name as the user"),
});

const filter = z.object({
  expiring: queryBoolean.optional().describe("true: only those that expire within a week"),
  ...page,
});

export const listAppTokens = endpoint({
  id: "listAppTokens",
  method: "GET",
  path: TOKENS,
  section: "user",
  summary: "List your application tokens.",
  right: "self.admin",
  query: filter,
  status: 200,
  answer: z.object({
    tokens: z.array(appToken),
    only_expiring: z.boolean().nullable(),
    next_page: nextPage,
  }),
  quay: "extended: in pages",
});

export const createAppToken = endpoint({
  id: "createAppToken",
  method: "POST",
  path: TOKENS,
  section: "user",
  summary: "Create an application token: a secret in place of your password, for one client.",
  right: "self.admin",
  fresh: true,
  body: z.object({
    title: text(255).min(1, "must not be empty"),
    expiration: z
      .union([timestamp, z.int().min(0)])
      .nullable()
      .optional()
      .describe("RFC 3339, or seconds since 1970; missing: it does not expire"),
  }),
  status: 200,
  answer: z.object({ token: openAppToken }),
  quay: "extended: with expiration",
});

export const getAppToken = endpoint({
  id: "getAppToken",
  method: "GET",
  path: `${TOKENS}/{token_uuid}`,
  section: "user",
  summary: "Show one of your application tokens.",
  right: "self.admin",
  fresh: true,
  status: 200,
  answer: z.object({ token: openAppToken }),
  quay: "same",
});

export const revokeAppToken = endpoint({
  id: "revokeAppToken",
  method: "DELETE",
  path: `${TOKENS}/{token_uuid}`,
  section: "user",
  summary: "Revoke one of your application tokens.",
  right: "self.admin",
  fresh: true,
  status: 204,
  quay: "same",
});

export const listAllAppTokens = endpoint({
  id: "listAllAppTokens",
  method: "GET",
  path: "/api/v1/superuser/apptokens",
  section: "superuser",
  summary: "List the application tokens of all users.",
  right: "superuser",
  fresh: true,
  query: filter,
  status: 200,
  answer: z.object({
    tokens: z.array(appToken.extend({ user: z.string() })),
    only_expiring: z.boolean().nullable(),
    next_page: nextPage,
  }),
  quay: "extended: in pages, and with the user",
});

export const revokeUserAppToken = endpoint({
  id: "revokeUserAppToken",
  method: "DELETE",
  path: "/api/v1/superuser/apptokens/{token_uuid}",
  section: "superuser",
  summary: "Revoke an application token of any user.",
  right: "superuser",
  fresh: true,
  status: 204,
  quay: "new: Quay's superusers can only look",
});
