import type { Samples } from "../sample.ts";

/** Nothing has this name. */
const NONE = "00000000-0000-4000-8000-000000000000";

const done = /^200$/;
const unknown = /^404 NOT_FOUND$/;
const invalid = /^400 PARAMETER_INVALID$/;

export const peopleSamples: Samples = {
  getLoggedInUser: { path: "/user", granted: done },
  changeUserDetails: { path: "/user", body: { username: "nobody" }, granted: invalid },
  createNewUser: { path: "/user", body: {}, granted: invalid },
  // Nobody of the walk shows a password, and an application token may not do these.
  deleteCurrentUser: { path: "/user", granted: /^(204|409 CONFLICT)$/, isLast: true },
  convertUserToOrganization: { path: "/user/convert", body: {}, granted: invalid },
  initializeUser: { path: "/user/initialize", body: {}, granted: invalid },
  getUserInformation: { path: "/users/alice", granted: done },
  generateUserClientKey: { path: "/user/clientkey", body: {}, granted: invalid },
  confirmEmail: { path: "/user/confirm", body: { code: "none" }, granted: unknown },
  requestRecoveryEmail: { path: "/recovery", body: {}, granted: invalid },
  confirmRecovery: { path: "/recovery/confirm", body: {}, granted: invalid },
  signinUser: { path: "/signin", body: {}, granted: invalid },
  verifyUser: { path: "/signin/verify", body: {}, granted: invalid },
  logout: { path: "/signout", granted: done },
  listUserSessions: { path: "/user/sessions", granted: done },
  endOtherUserSessions: { path: "/user/sessions", granted: /^204$/ },
  endUserSession: { path: `/user/sessions/${NONE}`, granted: unknown },
  listAppTokens: { path: "/user/apptoken", granted: done },
  createAppToken: { path: "/user/apptoken", body: {}, granted: invalid },
  getAppToken: { path: `/user/apptoken/${NONE}`, granted: unknown },
  revokeAppToken: { path: `/user/apptoken/${NONE}`, granted: unknown },
  listAllAppTokens: { path: "/superuser/apptokens", granted: done },
  revokeUserAppToken: { path: `/superuser/apptokens/${NONE}`, granted: unknown },
  listAllUsers: { path: "/superuser/users", granted: done },
  createInstallUser: { path: "/superuser/users", body: {}, granted: invalid },
  getInstallUser: { path: "/superuser/users/alice", granted: done },
  changeInstallUser: {
    path: "/superuser/users/alice",
    body: { enabled: "yes" },
    granted: invalid,
  },
  deleteInstallUser: { path: "/superuser/users/nobody", granted: /^404 PARAMETER_INVALID$/ },
  sendInstallUserRecoveryEmail: {
    path: "/superusers/users/alice/sendrecovery",
    granted: /^400 CONFLICT$/,
  },
  sendUserRecoveryEmail: {
    path: "/superuser/users/alice/sendrecovery",
    granted: /^400 CONFLICT$/,
  },
  getGlobalMessages: { path: "/messages", granted: done },
  createGlobalMessage: { path: "/messages", body: {}, granted: invalid },
  deleteGlobalMessage: { path: `/message/${NONE}`, granted: unknown },
  listUserNotifications: { path: "/user/notifications", granted: done },
  getUserNotification: { path: `/user/notifications/${NONE}`, granted: unknown },
  updateUserNotification: {
    path: `/user/notifications/${NONE}`,
    body: { dismissed: true },
    granted: unknown,
  },
};
