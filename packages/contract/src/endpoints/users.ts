import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { avatar, nextPage, page, queryBoolean, text, timestamp } from "../values.ts";

const USERS = "/api/v1/superuser/users";

const user = z.object({
  kind: z.literal("user"),
  name: z.string(),
  username: z.string(),
  email: z.string().nullable(),
  verified: z.boolean(),
  avatar,
  super_user: z.boolean(),
  enabled: z.boolean(),
  created: timestamp,
  last_accessed: timestamp.nullable().describe("exact to the hour"),
});

export const listAllUsers = endpoint({
  id: "listAllUsers",
  method: "GET",
  path: USERS,
  section: "superuser",
  summary: "List all users by name.",
  right: "superuser",
  fresh: true,
  query: z.object({
    disabled: queryBoolean.optional().describe("false: only those that are enabled"),
    ...page,
  }),
  status: 200,
  answer: z.object({ users: z.array(user), next_page: nextPage }),
  quay: "extended: always in pages",
});

export const createInstallUser = endpoint({
  id: "createInstallUser",
  method: "POST",
  path: USERS,
  section: "superuser",
  summary: "Create a user.",
  right: "superuser",
  fresh: true,
  body: z.object({
    username: text(255),
    email: text(254).nullable().optional(),
    password: text(1024).optional().describe("missing: one is made up"),
    superuser: z.boolean().optional(),
  }),
  status: 200,
  answer: z.object({
    username: z.string(),
    email: z.string().nullable(),
    password: z.string().describe("shown once"),
    encrypted_password: z
      .string()
      .describe("works wherever the password does; Wharf has no encrypted ones"),
  }),
  quay: "extended: with a password of one's choice, and for superusers",
});

export const getInstallUser = endpoint({
  id: "getInstallUser",
  method: "GET",
  path: `${USERS}/{username}`,
  section: "superuser",
  summary: "Show a user.",
  right: "superuser",
  fresh: true,
  status: 200,
  answer: user,
  quay: "same",
});

export const changeInstallUser = endpoint({
  id: "changeInstallUser",
  method: "PUT",
  path: `${USERS}/{username}`,
  section: "superuser",
  summary: "Change a user: password, e-mail address, enabled, superuser.",
  right: "superuser",
  fresh: true,
  body: z.object({
    password: text(1024).optional().describe("ends all sessions of the user"),
    email: text(254).nullable().optional().describe("counts as confirmed"),
    enabled: z.boolean().optional().describe("false ends all sessions of the user"),
    superuser: z.boolean().optional(),
  }),
  status: 200,
  answer: user.extend({
    encrypted_password: z.string().optional().describe("the password, when it was changed"),
  }),
  quay: "extended: other superusers as well; the last one stays",
});

export const deleteInstallUser = endpoint({
  id: "deleteInstallUser",
  method: "DELETE",
  path: `${USERS}/{username}`,
  section: "superuser",
  summary: "Delete a user with their robots and secrets. Refused while they have repositories.",
  right: "superuser",
  fresh: true,
  status: 204,
  quay: "extended: refused while there are repositories, and for the last superuser",
});

const sent = z.object({ email: z.string() });

export const sendInstallUserRecoveryEmail = endpoint({
  id: "sendInstallUserRecoveryEmail",
  method: "POST",
  path: "/api/v1/superusers/users/{username}/sendrecovery",
  section: "superuser",
  summary: "Send a user a code for a new password.",
  right: "superuser",
  fresh: true,
  status: 200,
  answer: sent,
  quay: "same",
});

export const sendUserRecoveryEmail = endpoint({
  id: "sendUserRecoveryEmail",
  method: "POST",
  path: `${USERS}/{username}/sendrecovery`,
  section: "superuser",
  summary: "Send a user a code for a new password.",
  right: "superuser",
  fresh: true,
  status: 200,
  answer: sent,
  quay: "new: Quay's own path says `superusers`",
});
