import { MOST_ENTRIES } from "@wharf/contract";
import * as endpoints from "@wharf/contract/endpoints";
import { personOf } from "../../accounts/person.ts";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { mailDate } from "../../api/mail-date.ts";
import {
  dismissNotification,
  findOwnNotification,
  listOwnNotifications,
} from "../notifications.ts";
import type { Notification } from "../notifications.ts";

export const notificationRoutes: readonly ApiRoute[] = [
  serve(endpoints.listUserNotifications, async ({ actor, context, query }) => {
    const { entries, next_page } = await listOwnNotifications(
      context.accounts.administration,
      personOf(actor),
      {
        dismissed: query.dismissed ?? false,
        cursor: query.next_page,
        limit: query.limit ?? MOST_ENTRIES,
      },
    );
    return {
      notifications: entries.map(notificationView),
      additional: next_page !== undefined,
      next_page,
    };
  }),

  serve(endpoints.getUserNotification, async ({ actor, context, path }) => {
    const { administration } = context.accounts;
    return notificationView(await findOwnNotification(administration, personOf(actor), path.uuid));
  }),

  serve(endpoints.updateUserNotification, async ({ actor, context, path, body }) => {
    const { administration } = context.accounts;
    const person = personOf(actor);
    await dismissNotification(administration, person, path.uuid, body.dismissed ?? false);
    return notificationView(await findOwnNotification(administration, person, path.uuid));
  }),
];

function notificationView({ uuid, kind, metadata, dismissed, createdAt }: Notification) {
  const { organization } = metadata;
  return {
    id: uuid,
    organization: typeof organization === "string" ? organization : null,
    kind,
    created: mailDate(createdAt),
    metadata: { ...metadata },
    dismissed,
  };
}
