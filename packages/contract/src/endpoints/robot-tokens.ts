import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { text, timestamp } from "../values.ts";

const OF_ORGANIZATION = "/api/v1/organization/{orgname}/robots/{robot_shortname}/tokens";
const OF_USER = "/api/v1/user/robots/{robot_shortname}/tokens";

const robotToken = z.object({
  uuid: z.string(),
  title: z.string(),
  token: z.string().nullable().describe("null: it cannot be shown again"),
  created: timestamp,
  created_by: z.string().nullable(),
  expiration: timestamp.nullable(),
  last_accessed: timestamp.nullable().describe("exact to the hour"),
  last_used_from: z.string().nullable().describe("address of the last use that was noted"),
});

const QUAY = "new: Quay's robots have one token, so it cannot be changed without a break";

const LIST = {
  method: "GET",
  section: "robot",
  status: 200,
  answer: z.object({
    tokens: z.array(robotToken).describe("at most 32, oldest first; those that expired are kept"),
  }),
  quay: QUAY,
} as const;

const CREATE = {
  method: "POST",
  section: "robot",
  body: z.object({
    title: text(255).optional().describe("for people, to tell tokens apart"),
    expiration: timestamp.nullable().optional().describe("missing or null: it does not expire"),
  }),
  status: 201,
  answer: robotToken,
  quay: QUAY,
} as const;

const DELETE = { method: "DELETE", section: "robot", status: 204, quay: QUAY } as const;

export const listOrgRobotTokens = endpoint({
  ...LIST,
  id: "listOrgRobotTokens",
  path: OF_ORGANIZATION,
  summary: "List the tokens of a robot.",
  right: "organization.admin",
});

export const listUserRobotTokens = endpoint({
  ...LIST,
  id: "listUserRobotTokens",
  path: OF_USER,
  summary: "List the tokens of one of your robots.",
  right: "self.admin",
});

export const createOrgRobotToken = endpoint({
  ...CREATE,
  id: "createOrgRobotToken",
  path: OF_ORGANIZATION,
  summary: "Give a robot one more token; those it has stay good.",
  right: "organization.admin",
});

export const createUserRobotToken = endpoint({
  ...CREATE,
  id: "createUserRobotToken",
  path: OF_USER,
  summary: "Give one of your robots one more token; those it has stay good.",
  right: "self.admin",
});

export const deleteOrgRobotToken = endpoint({
  ...DELETE,
  id: "deleteOrgRobotToken",
  path: `${OF_ORGANIZATION}/{token_uuid}`,
  summary: "Revoke one token of a robot.",
  right: "organization.admin",
});

export const deleteUserRobotToken = endpoint({
  ...DELETE,
  id: "deleteUserRobotToken",
  path: `${OF_USER}/{token_uuid}`,
  summary: "Revoke one token of one of your robots.",
  right: "self.admin",
});
