import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import {
  avatar,
  mailDate,
  nextPage,
  page,
  queryBoolean,
  repositoryRole,
  teamRole,
  text,
} from "../values.ts";

const TEAM = "/api/v1/organization/{orgname}/team/{teamname}";

const team = z.object({
  name: z.string(),
  description: z.string(),
  can_view: z.boolean(),
  role: teamRole,
  avatar,
  new_team: z.boolean().describe("true: it was created now"),
});

const member = z.object({
  name: z.string(),
  kind: z.literal("user"),
  is_robot: z.boolean(),
  avatar,
  invited: z.boolean().describe("true: they have not accepted yet"),
});

const invitation = z.object({
  email: z.string(),
  kind: z.literal("invite"),
  avatar,
  invited: z.literal(true),
});

export const updateOrganizationTeam = endpoint({
  id: "updateOrganizationTeam",
  method: "PUT",
  path: TEAM,
  section: "team",
  summary: "Create a team, or change its role and description.",
  right: "organization.admin",
  body: z.object({
    role: teamRole.describe(
      "member: what it is given on repositories; creator: may create repositories as well; admin: everything in the organization",
    ),
    description: text(4096).optional().describe("Markdown"),
  }),
  status: 200,
  answer: team,
  quay: "same",
});

export const deleteOrganizationTeam = endpoint({
  id: "deleteOrganizationTeam",
  method: "DELETE",
  path: TEAM,
  section: "team",
  summary: "Delete a team with what it was given. The last one that administrates stays.",
  right: "organization.admin",
  status: 204,
  quay: "same",
});

export const getOrganizationTeamMembers = endpoint({
  id: "getOrganizationTeamMembers",
  method: "GET",
  path: `${TEAM}/members`,
  section: "team",
  summary:
    "List the members of a team, robots included, those who joined the registry first in front.",
  right: "team.read",
  query: z.object({
    includePending: queryBoolean
      .optional()
      .describe("true: who was invited as well, on the last page; for admins of the organization"),
    ...page,
  }),
  status: 200,
  answer: z.object({
    name: z.string(),
    members: z.array(z.union([member, invitation])),
    can_edit: z.boolean(),
    can_sync: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("the service that its members can be taken from"),
    synced: z
      .object({
        service: z.string(),
        last_updated: mailDate.nullable().optional(),
        config: z.record(z.string(), z.string()).optional(),
        last_error: z.string().nullable().optional(),
      })
      .optional()
      .describe("its members are those of a group elsewhere"),
    next_page: nextPage,
  }),
  quay: "extended: in pages",
});

export const updateOrganizationTeamMember = endpoint({
  id: "updateOrganizationTeamMember",
  method: "PUT",
  path: `${TEAM}/members/{membername}`,
  section: "team",
  summary:
    "Add a user or robot to a team. Where `accounts.teamInvitations` is on, users who are in no team of the organization are invited.",
  right: "organization.admin",
  status: 200,
  answer: member,
  quay: "extended: adding a member again is no error",
});

export const deleteOrganizationTeamMember = endpoint({
  id: "deleteOrganizationTeamMember",
  method: "DELETE",
  path: `${TEAM}/members/{membername}`,
  section: "team",
  summary:
    "Withdraw somebody's invitation to a team, or remove them from it. The last administrator stays.",
  right: "organization.admin",
  status: 204,
  quay: "same",
});

export const inviteTeamMemberEmail = endpoint({
  id: "inviteTeamMemberEmail",
  method: "PUT",
  path: `${TEAM}/invite/{email}`,
  section: "team",
  summary: "Invite whoever reads mail at an address to a team.",
  right: "organization.admin",
  status: 200,
  answer: invitation,
  quay: "same",
});

export const deleteTeamMemberEmailInvite = endpoint({
  id: "deleteTeamMemberEmailInvite",
  method: "DELETE",
  path: `${TEAM}/invite/{email}`,
  section: "team",
  summary: "Withdraw the invitation of an address to a team.",
  right: "organization.admin",
  status: 204,
  quay: "same",
});

export const getOrganizationTeamPermissions = endpoint({
  id: "getOrganizationTeamPermissions",
  method: "GET",
  path: `${TEAM}/permissions`,
  section: "team",
  summary: "List the repositories that a team has a role on, the oldest first.",
  right: "organization.admin",
  query: z.object(page),
  status: 200,
  answer: z.object({
    permissions: z.array(
      z.object({
        repository: z.object({
          name: z.string().describe("without the organization"),
          is_public: z.boolean(),
        }),
        role: repositoryRole,
      }),
    ),
    next_page: nextPage,
  }),
  quay: "extended: in pages",
});

export const acceptOrganizationTeamInvite = endpoint({
  id: "acceptOrganizationTeamInvite",
  method: "PUT",
  path: "/api/v1/teaminvite/{code}",
  section: "team",
  summary: "Accept an invitation to a team, and all others of its organization.",
  right: "self.admin",
  status: 200,
  answer: z.object({ org: z.string(), team: z.string() }),
  quay: "same",
});

export const declineOrganizationTeamInvite = endpoint({
  id: "declineOrganizationTeamInvite",
  method: "DELETE",
  path: "/api/v1/teaminvite/{code}",
  section: "team",
  summary: "Decline an invitation to a team.",
  right: "self.admin",
  status: 204,
  quay: "same",
});
