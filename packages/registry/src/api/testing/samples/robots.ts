import type { Samples } from "../sample.ts";

const ORG = "/organization/team/robots";
const USER = "/user/robots";
const APPS = "/organization/team/applications";
const GIVEN = /^200$/;
const BAD = /^400 PARAMETER_INVALID$/;
/** There is no such robot. */
const NO_ROBOT = /^404 PARAMETER_INVALID$/;
const NONE = /^404 NOT_FOUND$/;
const LONG = "x".repeat(256);

export const robotSamples: Samples = {
  getOrgRobots: { path: ORG, granted: GIVEN },
  getUserRobots: { path: USER, granted: GIVEN },
  getOrgRobot: { path: `${ORG}/bot`, granted: GIVEN },
  getUserRobot: { path: `${USER}/none`, granted: NO_ROBOT },
  createOrgRobot: { path: `${ORG}/new`, body: { description: LONG }, granted: BAD },
  createUserRobot: { path: `${USER}/new`, body: { description: LONG }, granted: BAD },
  deleteOrgRobot: { path: `${ORG}/none`, granted: NO_ROBOT },
  deleteUserRobot: { path: `${USER}/none`, granted: NO_ROBOT },
  getOrgRobotPermissions: { path: `${ORG}/bot/permissions`, granted: GIVEN },
  getUserRobotPermissions: { path: `${USER}/none/permissions`, granted: NO_ROBOT },
  regenerateOrgRobotToken: { path: `${ORG}/none/regenerate`, granted: NO_ROBOT },
  regenerateUserRobotToken: { path: `${USER}/none/regenerate`, granted: NO_ROBOT },

  listOrgRobotTokens: { path: `${ORG}/bot/tokens`, granted: GIVEN },
  listUserRobotTokens: { path: `${USER}/none/tokens`, granted: NO_ROBOT },
  createOrgRobotToken: { path: `${ORG}/bot/tokens`, body: { title: LONG }, granted: BAD },
  createUserRobotToken: { path: `${USER}/none/tokens`, body: { title: LONG }, granted: BAD },
  deleteOrgRobotToken: { path: `${ORG}/bot/tokens/none`, granted: NONE },
  deleteUserRobotToken: { path: `${USER}/none/tokens/none`, granted: NO_ROBOT },

  getOrgRobotFederation: { path: `${ORG}/bot/federation`, granted: GIVEN },
  getUserRobotFederation: { path: `${USER}/none/federation`, granted: NO_ROBOT },
  createOrgRobotFederation: { path: `${ORG}/bot/federation`, body: {}, granted: BAD },
  createUserRobotFederation: { path: `${USER}/none/federation`, body: {}, granted: BAD },
  deleteOrgRobotFederation: { path: `${ORG}/none/federation`, granted: NO_ROBOT },
  deleteUserRobotFederation: { path: `${USER}/none/federation`, granted: NO_ROBOT },

  getOrganizationApplications: { path: APPS, granted: GIVEN },
  createOrganizationApplication: { path: APPS, body: { name: "" }, granted: BAD },
  getOrganizationApplication: { path: `${APPS}/none`, granted: NONE },
  updateOrganizationApplication: { path: `${APPS}/none`, body: { name: "" }, granted: BAD },
  deleteOrganizationApplication: { path: `${APPS}/none`, granted: NONE },
  resetOrganizationApplicationClientSecret: {
    path: `${APPS}/none/resetclientsecret`,
    granted: NONE,
  },
  getApplicationInformation: { path: "/app/none", granted: NONE },

  listOrganizationApplicationTokens: { path: `${APPS}/none/tokens`, granted: NONE },
  createOrganizationApplicationToken: { path: `${APPS}/none/tokens`, body: {}, granted: BAD },
  deleteOrganizationApplicationToken: { path: `${APPS}/none/tokens/none`, granted: NONE },

  listUserAuthorizations: { path: "/user/authorizations", granted: GIVEN },
  getUserAuthorization: { path: "/user/authorizations/none", granted: NONE },
  deleteUserAuthorization: { path: "/user/authorizations/none", granted: NONE },
  listAssignedAuthorizations: { path: "/user/assignedauthorization", granted: GIVEN },
  deleteAssignedAuthorization: { path: "/user/assignedauthorization/none", granted: NONE },
};
