import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { avatar, teamRole, text } from "../values.ts";

export const listExternalLoginServices = endpoint({
  id: "listExternalLoginServices",
  method: "GET",
  path: "/api/v1/externallogin",
  section: "user",
  summary: "List the services that a browser can sign in with, for the page where people sign in.",
  right: "anybody",
  status: 200,
  answer: z.object({
    services: z.array(
      z.object({
        id: z.string().describe("the `{service}` of other paths"),
        title: z.string().describe("for people"),
        kind: z.literal("oidc"),
      }),
    ),
    directory: z.boolean().describe("true: passwords of an LDAP directory are taken as well"),
  }),
  quay: "new: Quay hands it to its own page alone",
});

export const retrieveExternalLoginAuthorizationUrl = endpoint({
  id: "retrieveExternalLoginAuthorizationUrl",
  method: "POST",
  path: "/api/v1/externallogin/{service}",
  section: "user",
  summary: "Begin a sign-in with an external service: tells where to send the browser.",
  right: "anybody",
  body: z.object({
    kind: z
      .enum(["login", "attach", "cli"])
      .describe(
        "`login` signs in, `attach` adds the service to your account, `cli` makes a secret for `docker login`; the last two need a login",
      ),
    return_to: text(2048)
      .regex(/^\/(?![/\\])[!-~]*$/, "must be a path of this registry, such as /repository/team/app")
      .optional()
      .describe("path of the page to come back to; without it the first one"),
  }),
  status: 200,
  answer: z.object({
    auth_url: z.url().describe("good for ten minutes, in the browser that has asked for it"),
  }),
  quay: "extended: return_to; the answer sets a cookie that the browser must come back with",
});

export const detachExternalLogin = endpoint({
  id: "detachExternalLogin",
  method: "POST",
  path: "/api/v1/detachexternal/{service}",
  section: "user",
  summary: "Take an external service off your account. Refused for the last way to sign in.",
  right: "self.admin",
  fresh: true,
  status: 200,
  answer: z.object({ success: z.literal(true) }),
  quay: "extended: refused when nothing would be left to sign in with",
});

/** A team as Quay answers when its syncing is changed. */
const teamWithSync = z.object({
  name: z.string(),
  description: z.string(),
  can_view: z.boolean(),
  role: teamRole,
  avatar,
  new_team: z.literal(false),
  is_synced: z.boolean(),
});

const SYNCING = "/api/v1/organization/{orgname}/team/{teamname}/syncing";

export const enableOrganizationTeamSync = endpoint({
  id: "enableOrganizationTeamSync",
  method: "POST",
  path: SYNCING,
  section: "team",
  summary:
    "Let a team have the members of a group: of the LDAP directory (group_dn) or of an OIDC service (group_name).",
  right: "organization.admin",
  fresh: true,
  body: z.object({
    group_dn: text(1024)
      .optional()
      .describe("name of the group's entry, whole or relative to `ldap.baseDn`"),
    group_name: text(1024).optional().describe("as the service tells it in its groups claim"),
    service: text(64)
      .optional()
      .describe("OIDC service of group_name; needed where there are several"),
  }),
  status: 200,
  answer: teamWithSync,
  quay: "extended: service, because several can be configured at once; needs a superuser unless `accounts.teamSyncByAdmins` is on",
});

export const disableOrganizationTeamSync = endpoint({
  id: "disableOrganizationTeamSync",
  method: "DELETE",
  path: SYNCING,
  section: "team",
  summary: "Let a team have members of its own again; it keeps those that it has.",
  right: "organization.admin",
  fresh: true,
  status: 200,
  answer: teamWithSync,
  quay: "same",
});
