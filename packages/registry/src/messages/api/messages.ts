import * as endpoints from "@wharf/contract/endpoints";
import { serve } from "../../api/api-route.ts";
import type { ApiRoute } from "../../api/api-route.ts";
import { currentMessages, publishMessage, withdrawMessage } from "../messages.ts";
import type { Message } from "../messages.ts";

export const messageRoutes: readonly ApiRoute[] = [
  serve(endpoints.getGlobalMessages, async ({ context }) => ({
    messages: (await currentMessages(context.accounts.administration)).map(messageView),
  })),

  serve(endpoints.createGlobalMessage, async ({ actor, context, body }) => ({
    message: messageView(
      await publishMessage(context.accounts.administration, actor, body.message),
    ),
  })),

  serve(endpoints.deleteGlobalMessage, async ({ actor, context, path }) => {
    await withdrawMessage(context.accounts.administration, actor, path.uuid);
    return undefined;
  }),
];

function messageView({ created_at: createdAt, ...message }: Message) {
  return { ...message, created: new Date(createdAt).toISOString() };
}
