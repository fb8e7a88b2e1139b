import type { Samples } from "../sample.ts";

const TEAM = "/organization/team/team/devs";
const USERS = "/repository/team/app/permissions/user";
const TEAMS = "/repository/team/app/permissions/team";
const NONE = /^404 NOT_FOUND$/;
const BAD = /^400 PARAMETER_INVALID$/;
const GIVEN = /^200$/;

export const organizationSamples: Samples = {
  createOrganization: { path: "/organization", body: { name: "?" }, granted: BAD },
  getOrganization: { path: "/organization/team", granted: /^(200|404 NOT_FOUND)$/ },
  changeOrganizationDetails: {
    path: "/organization/team",
    body: { tag_expiration_s: -1 },
    granted: BAD,
  },
  deleteAdminedOrganization: { path: "/organization/team", granted: /^409 CONFLICT$/ },
  getOrganizationMembers: { path: "/organization/team/members", granted: GIVEN },
  getOrganizationMember: { path: "/organization/team/members/carol", granted: GIVEN },
  removeOrganizationMember: { path: "/organization/team/members/nobody", granted: NONE },
  getOrganizationCollaborators: { path: "/organization/team/collaborators", granted: GIVEN },

  listAllOrganizations: { path: "/superuser/organizations", granted: GIVEN },
  changeOrganization: {
    path: "/superuser/organizations/team",
    body: { tag_expiration_s: -1 },
    granted: BAD,
  },
  deleteOrganization: { path: "/superuser/organizations/none", granted: NONE },
  takeOwnership: { path: "/superuser/takeownership/none", granted: NONE },

  updateOrganizationTeam: { path: TEAM, body: { role: "king" }, granted: BAD },
  deleteOrganizationTeam: { path: "/organization/team/team/none", granted: NONE },
  getOrganizationTeamMembers: { path: `${TEAM}/members`, granted: GIVEN },
  updateOrganizationTeamMember: { path: `${TEAM}/members/nobody`, granted: BAD },
  deleteOrganizationTeamMember: { path: `${TEAM}/members/nobody`, granted: NONE },
  inviteTeamMemberEmail: { path: `${TEAM}/invite/nobody`, granted: BAD },
  deleteTeamMemberEmailInvite: { path: `${TEAM}/invite/none@example.com`, granted: NONE },
  getOrganizationTeamPermissions: { path: `${TEAM}/permissions`, granted: GIVEN },
  acceptOrganizationTeamInvite: { path: "/teaminvite/none", granted: NONE },
  declineOrganizationTeamInvite: { path: "/teaminvite/none", granted: NONE },

  getOrganizationPrototypePermissions: { path: "/organization/team/prototypes", granted: GIVEN },
  createOrganizationPrototypePermission: {
    path: "/organization/team/prototypes",
    body: { role: "king" },
    granted: BAD,
  },
  updateOrganizationPrototypePermission: {
    path: "/organization/team/prototypes/none",
    body: { role: "read" },
    granted: NONE,
  },
  deleteOrganizationPrototypePermission: {
    path: "/organization/team/prototypes/none",
    granted: NONE,
  },

  listRepoUserPermissions: { path: USERS, granted: GIVEN },
  getUserPermissions: { path: `${USERS}/ada`, granted: GIVEN },
  changeUserPermissions: { path: `${USERS}/nobody`, body: { role: "king" }, granted: BAD },
  deleteUserPermissions: { path: `${USERS}/nobody`, granted: BAD },
  getUserTransitivePermission: { path: `${USERS}/ada/transitive`, granted: GIVEN },
  listRepoTeamPermissions: { path: TEAMS, granted: GIVEN },
  getTeamPermissions: { path: `${TEAMS}/devs`, granted: NONE },
  changeTeamPermissions: { path: `${TEAMS}/devs`, body: { role: "king" }, granted: BAD },
  deleteTeamPermissions: { path: `${TEAMS}/none`, granted: BAD },
  listRepoTokens: { path: "/repository/team/app/tokens", granted: GIVEN },
  createToken: { path: "/repository/team/app/tokens", body: {}, granted: BAD },
  getTokens: { path: "/repository/team/app/tokens/none", granted: NONE },
  deleteToken: { path: "/repository/team/app/tokens/none", granted: NONE },

  getMatchingEntities: { path: "/entities/a", granted: GIVEN },
};
