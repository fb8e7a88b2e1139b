import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import {
  avatar,
  mailDate,
  nextPage,
  page,
  queryBoolean,
  repositoryRole,
  text,
  timestamp,
} from "../values.ts";

const OF_ORGANIZATION = "/api/v1/organization/{orgname}/robots";
const OF_USER = "/api/v1/user/robots";
const NAME = "{robot_shortname}";

const token = z
  .string()
  .nullable()
  .optional()
  .describe(
    "the password of `docker login`, of several the one that lasts longest; null: it cannot be shown again, regenerate it; missing: not for you",
  );

const robotFacts = {
  name: z.string().describe("`namespace+robot`, the user of `docker login`"),
  created: mailDate,
  last_accessed: mailDate.nullable().describe("exact to the hour"),
  description: z.string(),
  expiration: timestamp.nullable().describe("the robot is worth nothing after this"),
};

const robot = z.object({
  ...robotFacts,
  token,
  unstructured_metadata: z.record(z.string(), z.unknown()),
});

const robotWithGrants = z.object({
  ...robotFacts,
  token,
  teams: z.array(z.object({ name: z.string(), avatar })).optional(),
  repositories: z
    .array(z.string())
    .optional()
    .describe("names without the namespace; of all robots of a page at most 10,000"),
});

const LIST = {
  method: "GET",
  section: "robot",
  query: z.object({
    permissions: queryBoolean
      .optional()
      .describe("true: with the teams and repositories of each robot, for administrators"),
    token: queryBoolean.optional().describe("false: without the tokens"),
    ...page,
  }),
  status: 200,
  answer: z.object({ robots: z.array(robotWithGrants), next_page: nextPage }),
  quay: "extended: in pages, and with expiration",
} as const;

const READ = { method: "GET", section: "robot", status: 200, answer: robot, quay: "same" } as const;

const PUT = {
  method: "PUT",
  section: "robot",
  body: z.object({
    description: text(255).optional(),
    unstructured_metadata: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("whatever the automation that made it wants to find again"),
    expiration: timestamp
      .nullable()
      .optional()
      .describe("the robot is worth nothing after this; null: it does not expire"),
  }),
  bodyLimit: 1024 * 1024,
  status: 201,
  answer: robot,
  quay: "extended: with expiration; a robot that is there is changed, with 200",
} as const;

const DELETE = { method: "DELETE", section: "robot", status: 204, quay: "same" } as const;

const PERMISSIONS = {
  method: "GET",
  section: "robot",
  query: z.object(page),
  status: 200,
  answer: z.object({
    permissions: z.array(
      z.object({
        repository: z.object({
          name: z.string().describe("without the namespace"),
          is_public: z.boolean(),
        }),
        role: repositoryRole,
      }),
    ),
    next_page: nextPage,
  }),
  quay: "extended: in pages",
} as const;

const REGENERATE = {
  method: "POST",
  section: "robot",
  status: 200,
  answer: robot,
  quay: "same",
} as const;

export const getOrgRobots = endpoint({
  ...LIST,
  id: "getOrgRobots",
  path: OF_ORGANIZATION,
  summary: "List the robots of an organization.",
  right: "organization.read",
});

export const getUserRobots = endpoint({
  ...LIST,
  id: "getUserRobots",
  path: OF_USER,
  summary: "List your robots.",
  right: "self.admin",
});

export const getOrgRobot = endpoint({
  ...READ,
  id: "getOrgRobot",
  path: `${OF_ORGANIZATION}/${NAME}`,
  summary: "Show a robot of an organization with its token.",
  right: "organization.admin",
});

export const getUserRobot = endpoint({
  ...READ,
  id: "getUserRobot",
  path: `${OF_USER}/${NAME}`,
  summary: "Show one of your robots with its token.",
  right: "self.admin",
});

export const createOrgRobot = endpoint({
  ...PUT,
  id: "createOrgRobot",
  path: `${OF_ORGANIZATION}/${NAME}`,
  summary: "Create a robot in an organization, or change it.",
  right: "organization.admin",
});

export const createUserRobot = endpoint({
  ...PUT,
  id: "createUserRobot",
  path: `${OF_USER}/${NAME}`,
  summary: "Create a robot of your own, or change it.",
  right: "self.admin",
});

export const deleteOrgRobot = endpoint({
  ...DELETE,
  id: "deleteOrgRobot",
  path: `${OF_ORGANIZATION}/${NAME}`,
  summary: "Delete a robot with its tokens, permissions and memberships.",
  right: "organization.admin",
});

export const deleteUserRobot = endpoint({
  ...DELETE,
  id: "deleteUserRobot",
  path: `${OF_USER}/${NAME}`,
  summary: "Delete one of your robots with its tokens and permissions.",
  right: "self.admin",
});

export const getOrgRobotPermissions = endpoint({
  ...PERMISSIONS,
  id: "getOrgRobotPermissions",
  path: `${OF_ORGANIZATION}/${NAME}/permissions`,
  summary: "List the roles that a robot was given on repositories, without those of its teams.",
  right: "organization.admin",
});

export const getUserRobotPermissions = endpoint({
  ...PERMISSIONS,
  id: "getUserRobotPermissions",
  path: `${OF_USER}/${NAME}/permissions`,
  summary: "List the roles that one of your robots was given on repositories.",
  right: "self.admin",
});

export const regenerateOrgRobotToken = endpoint({
  ...REGENERATE,
  id: "regenerateOrgRobotToken",
  path: `${OF_ORGANIZATION}/${NAME}/regenerate`,
  summary: "Give a robot a new token in place of all it has.",
  right: "organization.admin",
});

export const regenerateUserRobotToken = endpoint({
  ...REGENERATE,
  id: "regenerateUserRobotToken",
  path: `${OF_USER}/${NAME}/regenerate`,
  summary: "Give one of your robots a new token in place of all it has.",
  right: "self.admin",
});
