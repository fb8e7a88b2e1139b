import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { text, timestamp } from "../values.ts";

const SESSIONS = "/api/v1/user/sessions";

export const signinUser = endpoint({
  id: "signinUser",
  method: "POST",
  path: "/api/v1/signin",
  section: "user",
  summary: "Sign a browser in: sets the cookie of a new session.",
  right: "anybody",
  body: z.object({
    username: text(255).describe("or e-mail address"),
    password: text(1024),
    invite_code: text(255)
      .optional()
      .describe("of an invitation to a team; one that is not valid is ignored"),
  }),
  status: 200,
  answer: z.object({
    success: z.literal(true),
    csrf_token: z.string().describe("to be sent in X-CSRF-Token with every change"),
  }),
  quay: "extended: the answer has the CSRF token; a refusal is 403 with a problem document",
});

export const verifyUser = endpoint({
  id: "verifyUser",
  method: "POST",
  path: "/api/v1/signin/verify",
  section: "user",
  summary: "Show your password again, so that the session may make dangerous changes.",
  right: "self.admin",
  body: z.object({ password: text(1024) }),
  status: 200,
  answer: z.object({ success: z.literal(true) }),
  quay: "same",
});

export const logout = endpoint({
  id: "logout",
  method: "POST",
  path: "/api/v1/signout",
  section: "user",
  summary: "Sign out: ends the session of the cookie.",
  right: "anybody",
  status: 200,
  answer: z.object({ success: z.literal(true) }),
  quay: "extended: this session alone; DELETE /user/sessions ends the others",
});

export const listUserSessions = endpoint({
  id: "listUserSessions",
  method: "GET",
  path: SESSIONS,
  section: "user",
  summary: "List the browsers that are signed in as you, last seen first.",
  right: "self.admin",
  status: 200,
  answer: z.object({
    sessions: z.array(
      z.object({
        uuid: z.string(),
        current: z.boolean().describe("true: the one that asks"),
        created: timestamp,
        last_seen: timestamp.describe("exact to some minutes"),
        expiration: timestamp,
        service: z.string().nullable().describe("that vouched for you; null: your password"),
        ip: z.string().nullable(),
        user_agent: z.string().nullable(),
      }),
    ),
  }),
  quay: "new: Quay does not tell of sessions",
});

export const endOtherUserSessions = endpoint({
  id: "endOtherUserSessions",
  method: "DELETE",
  path: SESSIONS,
  section: "user",
  summary: "Sign out everywhere else.",
  right: "self.admin",
  status: 204,
  quay: "new: Quay ends all with every sign-out",
});

export const endUserSession = endpoint({
  id: "endUserSession",
  method: "DELETE",
  path: `${SESSIONS}/{uuid}`,
  section: "user",
  summary: "Sign one browser out.",
  right: "self.admin",
  status: 204,
  quay: "new: Quay does not tell of sessions",
});
