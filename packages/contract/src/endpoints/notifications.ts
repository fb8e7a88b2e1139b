import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { mailDate, nextPage, page, queryBoolean } from "../values.ts";

const NOTIFICATIONS = "/api/v1/user/notifications";

const notification = z.object({
  id: z.string(),
  organization: z.string().nullable(),
  kind: z.string().describe("such as `org_team_invite` or `quota_warning`"),
  created: mailDate,
  metadata: z.record(z.string(), z.unknown()),
  dismissed: z.boolean(),
});

export const listUserNotifications = endpoint({
  id: "listUserNotifications",
  method: "GET",
  path: NOTIFICATIONS,
  section: "user",
  summary: "List what waits for your attention, the latest first.",
  right: "self.read",
  query: z.object({
    dismissed: queryBoolean.optional().describe("true: those that you have dismissed instead"),
    ...page,
  }),
  status: 200,
  answer: z.object({
    notifications: z.array(notification),
    additional: z.boolean().describe("there are more"),
    next_page: nextPage,
  }),
  quay: "extended: pages by `next_page`",
});

export const getUserNotification = endpoint({
  id: "getUserNotification",
  method: "GET",
  path: `${NOTIFICATIONS}/{uuid}`,
  section: "user",
  summary: "Show one notification.",
  right: "self.read",
  status: 200,
  answer: notification,
  quay: "same",
});

export const updateUserNotification = endpoint({
  id: "updateUserNotification",
  method: "PUT",
  path: `${NOTIFICATIONS}/{uuid}`,
  section: "user",
  summary: "Dismiss a notification, or take that back.",
  right: "self.admin",
  body: z.object({ dismissed: z.boolean().optional() }),
  status: 200,
  answer: notification,
  quay: "same",
});
