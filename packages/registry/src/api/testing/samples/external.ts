import type { Samples } from "../sample.ts";

const SYNCING = "/organization/team/team/devs/syncing";

/** Sign-in by other services, and teams that follow their groups. No service is configured in the walk. */
export const externalSamples: Samples = {
  listExternalLoginServices: { path: "/externallogin", granted: /^200$/ },
  retrieveExternalLoginAuthorizationUrl: {
    path: "/externallogin/nowhere",
    body: { kind: "login" },
    granted: /^404 NOT_FOUND$/,
  },
  detachExternalLogin: { path: "/detachexternal/nowhere", granted: /^200$/ },
  // Superusers get to the fields; other admins are told that they are none.
  enableOrganizationTeamSync: {
    path: SYNCING,
    body: {},
    granted: /^(?:400 PARAMETER_INVALID|403 (?:DENIED|SCOPE_INSUFFICIENT))$/,
  },
  disableOrganizationTeamSync: {
    path: SYNCING,
    granted: /^(?:200|403 (?:DENIED|SCOPE_INSUFFICIENT))$/,
  },
};
