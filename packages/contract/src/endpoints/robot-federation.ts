import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { text } from "../values.ts";

const OF_ORGANIZATION = "/api/v1/organization/{orgname}/robots/{robot_shortname}/federation";
const OF_USER = "/api/v1/user/robots/{robot_shortname}/federation";

const trust = z.object({
  issuer: text(1024)
    .min(1, "must not be empty")
    .describe("URL of the issuer, as `iss` of its tokens says it"),
  subject: text(1024).min(1, "must not be empty").describe("`sub` of the tokens, exactly"),
  audience: text(255)
    .min(1, "must not be empty")
    .optional()
    .describe("`aud` of the tokens; missing: `accounts.federationAudience`"),
});

const LIST = {
  method: "GET",
  section: "robot",
  status: 200,
  answer: z.array(trust),
  quay: "extended: with audience",
} as const;

const CREATE = {
  method: "POST",
  section: "robot",
  body: z
    .array(trust)
    .max(20, "must have at most 20 entries")
    .describe("in place of what was there"),
  status: 200,
  answer: z.array(trust),
  quay: "extended: with audience, which is always checked",
} as const;

const DELETE = {
  method: "DELETE",
  section: "robot",
  status: 204,
  quay: "extended: revokes the tokens that were exchanged",
} as const;

export const getOrgRobotFederation = endpoint({
  ...LIST,
  id: "getOrgRobotFederation",
  path: OF_ORGANIZATION,
  summary: "List whose OIDC tokens can be exchanged for tokens of a robot.",
  right: "organization.admin",
});

export const getUserRobotFederation = endpoint({
  ...LIST,
  id: "getUserRobotFederation",
  path: OF_USER,
  summary: "List whose OIDC tokens can be exchanged for tokens of one of your robots.",
  right: "self.admin",
});

export const createOrgRobotFederation = endpoint({
  ...CREATE,
  id: "createOrgRobotFederation",
  path: OF_ORGANIZATION,
  summary: "Say whose OIDC tokens can be exchanged for tokens of a robot.",
  right: "organization.admin",
});

export const createUserRobotFederation = endpoint({
  ...CREATE,
  id: "createUserRobotFederation",
  path: OF_USER,
  summary: "Say whose OIDC tokens can be exchanged for tokens of one of your robots.",
  right: "self.admin",
});

export const deleteOrgRobotFederation = endpoint({
  ...DELETE,
  id: "deleteOrgRobotFederation",
  path: OF_ORGANIZATION,
  summary: "Take nobody's OIDC tokens in exchange for tokens of a robot any more.",
  right: "organization.admin",
});

export const deleteUserRobotFederation = endpoint({
  ...DELETE,
  id: "deleteUserRobotFederation",
  path: OF_USER,
  summary: "Take nobody's OIDC tokens in exchange for tokens of one of your robots any more.",
  right: "self.admin",
});
