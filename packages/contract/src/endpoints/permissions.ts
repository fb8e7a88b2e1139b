import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { avatar, nextPage, page, repositoryRole, text, timestamp } from "../values.ts";

const REPOSITORY = "/api/v1/repository/{repository}";
const USERS = `${REPOSITORY}/permissions/user`;
const TEAMS = `${REPOSITORY}/permissions/team`;

const userPermission = z.object({
  name: z.string(),
  role: repositoryRole,
  is_robot: z.boolean(),
  avatar,
  is_org_member: z
    .boolean()
    .optional()
    .describe("in a team of the organization, or its robot; missing in a user's namespace"),
});

const teamPermission = z.object({ name: z.string(), role: repositoryRole, avatar });

const newRole = z.object({ role: repositoryRole });

export const listRepoUserPermissions = endpoint({
  id: "listRepoUserPermissions",
  method: "GET",
  path: USERS,
  section: "permission",
  summary: "List users and robots that have a role of their own on a repository.",
  right: "repository.permissions",
  query: z.object(page),
  status: 200,
  answer: z.object({ permissions: z.record(z.string(), userPermission), next_page: nextPage }),
  quay: "extended: in pages",
});

export const getUserPermissions = endpoint({
  id: "getUserPermissions",
  method: "GET",
  path: `${USERS}/{username}`,
  section: "permission",
  summary: "Tell the role that a user or robot has by itself.",
  right: "repository.permissions",
  status: 200,
  answer: userPermission,
  quay: "extended: 404 where there is none; Quay says 400",
});

export const changeUserPermissions = endpoint({
  id: "changeUserPermissions",
  method: "PUT",
  path: `${USERS}/{username}`,
  section: "permission",
  summary: "Give a user or robot a role on a repository, in place of the one it had.",
  right: "repository.permissions",
  body: newRole,
  status: 200,
  answer: userPermission,
  quay: "same",
});

export const deleteUserPermissions = endpoint({
  id: "deleteUserPermissions",
  method: "DELETE",
  path: `${USERS}/{username}`,
  section: "permission",
  summary: "Take the role away that a user or robot has by itself.",
  right: "repository.permissions",
  status: 204,
  quay: "extended: 404 where there is none; Quay says 400",
});

export const getUserTransitivePermission = endpoint({
  id: "getUserTransitivePermission",
  method: "GET",
  path: `${USERS}/{username}/transitive`,
  section: "permission",
  summary:
    "Tell every way in which a user or robot has a role on a repository; the greatest counts.",
  right: "repository.permissions",
  status: 200,
  answer: z.object({
    permissions: z.array(
      z.object({
        role: repositoryRole,
        via: z
          .enum(["user", "team", "organization", "namespace", "superuser"])
          .describe(
            "user: given to themselves; team: to a team of theirs; organization: by a team with the role admin; namespace: it is their own",
          ),
        team: z.string().optional(),
      }),
    ),
  }),
  quay: "extended: tells by what, and includes admins of the organization",
});

export const listRepoTeamPermissions = endpoint({
  id: "listRepoTeamPermissions",
  method: "GET",
  path: TEAMS,
  section: "permission",
  summary: "List teams that have a role on a repository.",
  right: "repository.permissions",
  query: z.object(page),
  status: 200,
  answer: z.object({ permissions: z.record(z.string(), teamPermission), next_page: nextPage }),
  quay: "extended: in pages",
});

export const getTeamPermissions = endpoint({
  id: "getTeamPermissions",
  method: "GET",
  path: `${TEAMS}/{teamname}`,
  section: "permission",
  summary: "Tell the role that a team has on a repository.",
  right: "repository.permissions",
  status: 200,
  answer: teamPermission,
  quay: "extended: with name and avatar; 404 where there is none, Quay says 400",
});

export const changeTeamPermissions = endpoint({
  id: "changeTeamPermissions",
  method: "PUT",
  path: `${TEAMS}/{teamname}`,
  section: "permission",
  summary: "Give a team of the organization a role on a repository, in place of the one it had.",
  right: "repository.permissions",
  body: newRole,
  status: 200,
  answer: teamPermission,
  quay: "same",
});

export const deleteTeamPermissions = endpoint({
  id: "deleteTeamPermissions",
  method: "DELETE",
  path: `${TEAMS}/{teamname}`,
  section: "permission",
  summary: "Take a team's role on a repository away.",
  right: "repository.permissions",
  status: 204,
  quay: "extended: 404 where there is none; Quay says 400",
});

const repositoryToken = z.object({
  code: z.string().describe("names it; not the secret"),
  friendlyName: z.string(),
  role: repositoryRole,
  created: timestamp,
  expiration: timestamp.nullable(),
  last_accessed: timestamp.nullable().describe("exact to the hour"),
});

export const listRepoTokens = endpoint({
  id: "listRepoTokens",
  method: "GET",
  path: `${REPOSITORY}/tokens`,
  section: "permission",
  summary: "List the tokens of a repository: passwords of the user `$token`, by their codes.",
  right: "repository.permissions",
  query: z.object(page),
  status: 200,
  answer: z.object({ tokens: z.record(z.string(), repositoryToken), next_page: nextPage }),
  quay: "extended: Quay has given them up and says 410",
});

export const createToken = endpoint({
  id: "createToken",
  method: "POST",
  path: `${REPOSITORY}/tokens`,
  section: "permission",
  summary: "Create a token for one repository, good for whoever holds it.",
  right: "repository.permissions",
  fresh: true,
  body: z.object({
    friendlyName: text(255),
    role: repositoryRole.optional().describe("read where it is missing"),
    expiration: timestamp.nullable().optional().describe("missing: it does not expire"),
  }),
  status: 201,
  answer: repositoryToken.extend({
    token: z.string().describe("password of the user `$token`, shown once"),
  }),
  quay: "extended: Quay has given them up and says 410",
});

export const getTokens = endpoint({
  id: "getTokens",
  method: "GET",
  path: `${REPOSITORY}/tokens/{code}`,
  section: "permission",
  summary: "Show a token of a repository, without the secret.",
  right: "repository.permissions",
  status: 200,
  answer: repositoryToken,
  quay: "extended: Quay has given them up and says 410",
});

export const deleteToken = endpoint({
  id: "deleteToken",
  method: "DELETE",
  path: `${REPOSITORY}/tokens/{code}`,
  section: "permission",
  summary: "Delete a token of a repository. It is worth nothing from then on.",
  right: "repository.permissions",
  status: 204,
  quay: "extended: Quay has given them up and says 410",
});
