import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { quotaLimit, quotaReport } from "../quota-values.ts";
import { avatar, bytes, MOST_NAMED, nextPage, page, seconds, teamRole, text } from "../values.ts";

const ORGANIZATION = "/api/v1/organization/{orgname}";

const email = text(254).nullable().optional().describe("whom to ask; an empty one removes it");

const team = z.object({
  name: z.string(),
  description: z.string(),
  role: teamRole,
  avatar,
  can_view: z.boolean().describe("you may see its members"),
  repo_count: z.int().describe("repositories that it has a role on"),
  member_count: z.int(),
  is_synced: z.boolean().describe("its members are those of a group elsewhere"),
});

const organization = z.object({
  name: z.string(),
  email: z.string().describe("for its admins; empty for others"),
  description: z.string(),
  avatar,
  is_admin: z.boolean(),
  is_member: z.boolean(),
  teams: z.record(z.string(), team).optional().describe("by name; for members"),
  ordered_teams: z.array(z.string()).optional().describe("the oldest first"),
  invoice_email: z.literal(false).optional(),
  invoice_email_address: z.null().optional(),
  tag_expiration_s: seconds
    .optional()
    .describe("seconds that a deleted or moved tag can be taken back; for admins"),
  is_free_account: z.literal(true).optional(),
  quotas: z
    .array(z.object({ id: z.int(), limit_bytes: bytes, limits: z.array(quotaLimit) }))
    .optional()
    .describe("at most one; for members"),
  quota_report: quotaReport.optional().describe("what is used; for members"),
});

const personFields = {
  name: z.string(),
  kind: z.enum(["user", "robot"]),
  avatar,
  repositories: z
    .array(z.string())
    .describe(
      `names, without the organization, of repositories on which they have a role of their own; at most ${MOST_NAMED}`,
    ),
  repository_count: z.int().describe("how many those are"),
} as const;

const member = z.object({
  ...personFields,
  teams: z.array(z.object({ name: z.string(), avatar })),
});

const collaborator = z.object(personFields);

const changes = {
  email,
  contact_email: email,
  description: text(4096).optional(),
  tag_expiration_s: seconds
    .min(0)
    .max(100 * 365 * 86_400)
    .optional()
    .describe("seconds that a deleted or moved tag can be taken back"),
} as const;

export const createOrganization = endpoint({
  id: "createOrganization",
  method: "POST",
  path: "/api/v1/organization",
  section: "organization",
  summary: "Create an organization. You become the first member of its team `owners`.",
  right: "organization.create",
  body: z.object({
    name: text(255).describe("2 to 255 lower-case letters, digits, `.`, `_` and `-`"),
    email,
    contact_email: email,
    description: text(4096).optional(),
  }),
  status: 201,
  answer: z.literal("Created"),
  quay: "same",
});

export const getOrganization = endpoint({
  id: "getOrganization",
  method: "GET",
  path: ORGANIZATION,
  section: "organization",
  summary:
    "Describe an organization. Whoever is no member sees it when it has a repository they may see, and less of it.",
  right: "anybody",
  status: 200,
  answer: organization,
  quay: "extended: with the description; organizations without anything for you to see are not shown",
});

export const changeOrganizationDetails = endpoint({
  id: "changeOrganizationDetails",
  method: "PUT",
  path: ORGANIZATION,
  section: "organization",
  summary: "Change an organization's e-mail address, description or time machine window.",
  right: "organization.admin",
  body: z.object(changes),
  status: 200,
  answer: organization,
  quay: "extended: with the description",
});

export const deleteAdminedOrganization = endpoint({
  id: "deleteAdminedOrganization",
  method: "DELETE",
  path: ORGANIZATION,
  section: "organization",
  summary:
    "Delete an organization with its teams, robots and applications. Refused while it has repositories.",
  right: "organization.admin",
  fresh: true,
  status: 204,
  quay: "extended: refused while there are repositories",
});

export const getOrganizationMembers = endpoint({
  id: "getOrganizationMembers",
  method: "GET",
  path: `${ORGANIZATION}/members`,
  section: "organization",
  summary: "List the people in an organization's teams.",
  right: "organization.admin",
  query: z.object(page),
  status: 200,
  answer: z.object({ members: z.array(member), next_page: nextPage }),
  quay: "extended: in pages, with the number of repositories",
});

export const getOrganizationMember = endpoint({
  id: "getOrganizationMember",
  method: "GET",
  path: `${ORGANIZATION}/members/{membername}`,
  section: "organization",
  summary: "Describe a member or robot of an organization.",
  right: "organization.admin",
  status: 200,
  answer: member,
  quay: "extended: with the number of repositories",
});

export const removeOrganizationMember = endpoint({
  id: "removeOrganizationMember",
  method: "DELETE",
  path: `${ORGANIZATION}/members/{membername}`,
  section: "organization",
  summary:
    "Remove somebody from all teams of an organization, and take their roles on its repositories away.",
  right: "organization.admin",
  status: 204,
  quay: "same",
});

export const getOrganizationCollaborators = endpoint({
  id: "getOrganizationCollaborators",
  method: "GET",
  path: `${ORGANIZATION}/collaborators`,
  section: "organization",
  summary:
    "List people who have roles on an organization's repositories, but are in none of its teams.",
  right: "organization.admin",
  query: z.object(page),
  status: 200,
  answer: z.object({ collaborators: z.array(collaborator), next_page: nextPage }),
  quay: "extended: in pages, with the number of repositories",
});

const listedOrganization = z.object({
  name: z.string(),
  email: z.string().nullable(),
  description: z.string(),
  avatar,
  created: z.string().describe("RFC 3339"),
});

export const listAllOrganizations = endpoint({
  id: "listAllOrganizations",
  method: "GET",
  path: "/api/v1/superuser/organizations",
  section: "superuser",
  summary: "List all organizations.",
  right: "superuser",
  fresh: true,
  query: z.object(page),
  status: 200,
  answer: z.object({ organizations: z.array(listedOrganization), next_page: nextPage }),
  quay: "extended: with description and time; quotas have endpoints of their own",
});

export const changeOrganization = endpoint({
  id: "changeOrganization",
  method: "PUT",
  path: "/api/v1/superuser/organizations/{name}",
  section: "superuser",
  summary: "Change an organization's e-mail address, description or time machine window.",
  right: "superuser",
  fresh: true,
  body: z.object({
    name: text(255)
      .optional()
      .describe("organizations are not renamed: the name as it is, or none"),
    ...changes,
  }),
  status: 200,
  answer: organization,
  quay: "extended: does not rename, but changes all else",
});

export const deleteOrganization = endpoint({
  id: "deleteOrganization",
  method: "DELETE",
  path: "/api/v1/superuser/organizations/{name}",
  section: "superuser",
  summary: "Delete an organization. Refused while it has repositories.",
  right: "superuser",
  fresh: true,
  status: 204,
  quay: "extended: refused while there are repositories",
});

export const takeOwnership = endpoint({
  id: "takeOwnership",
  method: "POST",
  path: "/api/v1/superuser/takeownership/{namespace}",
  section: "superuser",
  summary:
    "Join the team `owners` of an organization; a user becomes an organization that you administrate.",
  right: "superuser",
  fresh: true,
  status: 200,
  answer: z.object({ namespace: z.string() }),
  quay: "same",
});
