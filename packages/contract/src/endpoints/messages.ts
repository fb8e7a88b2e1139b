import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { text, timestamp } from "../values.ts";

const message = z.object({
  uuid: z.string(),
  content: z.string(),
  media_type: z.enum(["text/plain", "text/markdown"]),
  severity: z.enum(["info", "warning", "error"]),
  created: timestamp,
});

export const getGlobalMessages = endpoint({
  id: "getGlobalMessages",
  method: "GET",
  path: "/api/v1/messages",
  section: "superuser",
  summary: "List the messages to all users, the latest first.",
  right: "anybody",
  status: 200,
  answer: z.object({ messages: z.array(message) }),
  quay: "same",
});

export const createGlobalMessage = endpoint({
  id: "createGlobalMessage",
  method: "POST",
  path: "/api/v1/messages",
  section: "superuser",
  summary: "Publish a message to all users.",
  right: "superuser",
  fresh: true,
  body: z.object({
    message: z.object({
      content: text(10_000).min(1, "must not be empty"),
      media_type: message.shape.media_type,
      severity: message.shape.severity,
    }),
  }),
  status: 201,
  answer: z.object({ message }),
  quay: "extended: the answer has the message",
});

export const deleteGlobalMessage = endpoint({
  id: "deleteGlobalMessage",
  method: "DELETE",
  path: "/api/v1/message/{uuid}",
  section: "superuser",
  summary: "Withdraw a message to all users.",
  right: "superuser",
  fresh: true,
  status: 204,
  quay: "same",
});
