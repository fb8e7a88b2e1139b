import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { avatar, nextPage, page, repositoryRole, text } from "../values.ts";

const PROTOTYPES = "/api/v1/organization/{orgname}/prototypes";

const user = z.object({
  name: z.string(),
  kind: z.literal("user"),
  is_robot: z.boolean(),
  is_org_member: z.boolean(),
  avatar,
});

const team = z.object({ name: z.string(), kind: z.literal("team"), avatar });

const prototype = z.object({
  id: z.string(),
  activating_user: user
    .nullable()
    .describe("only for repositories that they create; null: for all"),
  delegate: z.discriminatedUnion("kind", [user, team]).describe("who gets the role"),
  role: repositoryRole,
});

export const getOrganizationPrototypePermissions = endpoint({
  id: "getOrganizationPrototypePermissions",
  method: "GET",
  path: PROTOTYPES,
  section: "prototype",
  summary: "List the default permissions of an organization, the oldest first.",
  right: "organization.admin",
  query: z.object(page),
  status: 200,
  answer: z.object({ prototypes: z.array(prototype), next_page: nextPage }),
  quay: "extended: in pages",
});

export const createOrganizationPrototypePermission = endpoint({
  id: "createOrganizationPrototypePermission",
  method: "POST",
  path: PROTOTYPES,
  section: "prototype",
  summary: "Give a user, robot or team a role on every repository that will be created.",
  right: "organization.admin",
  body: z.object({
    role: repositoryRole,
    activating_user: z
      .object({ name: text(511).optional() })
      .nullable()
      .optional()
      .describe("only for repositories that this user or robot creates"),
    delegate: z.object({
      name: text(511),
      kind: z.enum(["user", "team"]).describe("a robot is a user: `team+deploy`"),
    }),
  }),
  status: 200,
  answer: prototype,
  quay: "extended: the same default permission again answers with the one there is",
});

export const updateOrganizationPrototypePermission = endpoint({
  id: "updateOrganizationPrototypePermission",
  method: "PUT",
  path: `${PROTOTYPES}/{prototypeid}`,
  section: "prototype",
  summary: "Change the role of a default permission. Repositories there are keep theirs.",
  right: "organization.admin",
  body: z.object({ role: repositoryRole }),
  status: 200,
  answer: prototype,
  quay: "same",
});

export const deleteOrganizationPrototypePermission = endpoint({
  id: "deleteOrganizationPrototypePermission",
  method: "DELETE",
  path: `${PROTOTYPES}/{prototypeid}`,
  section: "prototype",
  summary: "Delete a default permission. Repositories there are keep what they got by it.",
  right: "organization.admin",
  status: 204,
  quay: "same",
});
