// The server.
export { startRegistry } from "./start-registry.ts";
export type { RunningRegistry, StartOptions } from "./start-registry.ts";

// Configuration, log.
export { loadConfig } from "./config/load-config.ts";
export type { ConfigSources, FlagSetting, LoadedConfig } from "./config/load-config.ts";
export { parseDuration } from "./config/parse-duration.ts";
export { originText, problemText } from "./config/problem.ts";
export type { Origin, Problem } from "./config/problem.ts";
export type { Config } from "./config/config.ts";
export { openLog, SILENT_LOGGER } from "./log.ts";
export type { LogFields, Logger, RootLogger } from "./log.ts";

// Administration, for whoever may read the database on the machine.
export { OPERATOR } from "./accounts/admin/actor.ts";
export type { Actor } from "./accounts/admin/actor.ts";
export {
  createApplicationToken,
  createOauthToken,
  deleteUserToken,
  listUserTokens,
} from "./accounts/admin/access-secrets.ts";
export type { MadeSecret } from "./accounts/admin/access-secrets.ts";
export {
  createRepositoryToken,
  deleteRepositoryToken,
  listRepositoryTokens,
} from "./accounts/admin/repository-tokens.ts";
export {
  listTeamPermissionsOf,
  removeTeamPermission,
  setTeamPermission,
} from "./accounts/admin/repository-team-permissions.ts";
export {
  createOrganization,
  deleteOrganization,
  listOrganizations,
} from "./accounts/admin/organizations.ts";
export {
  listRepositoryPermissions,
  removeRepositoryPermission,
  setRepositoryPermission,
} from "./accounts/admin/repository-permissions.ts";
export {
  createRobot,
  deleteRobot,
  listRobots,
  putRobot,
  regenerateRobotToken,
} from "./accounts/admin/robots.ts";
export {
  changeUser,
  createUser,
  deleteUser,
  listUsers,
  sendRecovery,
  setPassword,
} from "./accounts/admin/users.ts";
export {
  createApplication,
  deleteApplication,
  listApplications,
} from "./accounts/oauth/applications.ts";
export { createOauthTokenFor } from "./accounts/oauth/create-token-for.ts";
export {
  deleteOauthApplicationToken,
  listOauthApplicationTokens,
} from "./accounts/oauth/oauth-tokens.ts";
export { changeOrganization } from "./accounts/organizations/change-organization.ts";
export { needOrganization } from "./accounts/organizations/need-organization.ts";
export {
  listCollaborators,
  listOrganizationMembers,
} from "./accounts/organizations/organization-members.ts";
export {
  createPrototype,
  deletePrototype,
  listPrototypes,
} from "./accounts/organizations/prototypes.ts";
export type { Prototype } from "./accounts/organizations/prototypes.ts";
export { viewOrganization } from "./accounts/organizations/view-organization.ts";
export { getRobot } from "./accounts/robots/read-robots.ts";
export {
  listFederatedIdentities,
  setFederatedIdentities,
} from "./accounts/robots/robot-federation.ts";
export {
  createRobotToken,
  deleteRobotToken,
  listRobotTokens,
} from "./accounts/robots/robot-tokens.ts";
export type { TeamRow } from "./accounts/team-store.ts";
export { deleteTeam } from "./accounts/teams/delete-team.ts";
export { needTeam } from "./accounts/teams/need-team.ts";
export { setTeam } from "./accounts/teams/set-team.ts";
export { listTeamInvitations } from "./accounts/teams/team-invitations.ts";
export { addTeamMember, listTeamMembers, removeTeamMember } from "./accounts/teams/team-members.ts";
export type { EntryRow } from "./audit/audit-store.ts";
export { entryRecord } from "./audit/entry-record.ts";
export { logText } from "./audit/export/log-text.ts";
export { parseLogFilter } from "./audit/log-filter.ts";
export type { LogFilter } from "./audit/log-filter.ts";
export type { LogScope } from "./audit/log-scope.ts";
export { readLog } from "./audit/read-log.ts";
export { currentMessages, publishMessage, withdrawMessage } from "./messages/messages.ts";
export type { ListedAccount } from "./accounts/account-store.ts";
export { randomText } from "./accounts/secret.ts";
export type { CollectionReport } from "./garbage/collection-report.ts";
export { itemText, reportText } from "./garbage/report-text.ts";
export type { RegistryError } from "./http/registry-error.ts";
export { openAdministration } from "./open-administration.ts";
export type { OpenAdministration } from "./open-administration.ts";
export { createRepository } from "./repositories/create-repository.ts";
export type { RepositoryWish } from "./repositories/create-repository.ts";
export { deleteRepository } from "./repositories/delete-repository.ts";
export { listDeletedRepositories } from "./repositories/deleted/list-deleted-repositories.ts";
export type { ListedDeletedRepository } from "./repositories/deleted/list-deleted-repositories.ts";
export { purgeRepository } from "./repositories/deleted/purge-repository.ts";
export { restoreRepository } from "./repositories/deleted/restore-repository.ts";
export {
  addLimit,
  changeLimit,
  changeQuota,
  createQuota,
  listQuotas,
  removeLimit,
  removeQuota,
} from "./quotas/manage-quotas.ts";
export { quotaReport } from "./quotas/quota-report.ts";
export type { Quota } from "./quotas/quota-store.ts";
export {
  createPrunePolicy,
  createProtectPolicy,
  listPolicies,
  removePolicy,
} from "./repositories/policies/policies.ts";
export type { PolicyOwner } from "./repositories/policies/policies.ts";
export { previewPrune } from "./repositories/policies/preview-prune.ts";
export type { PruneWish } from "./repositories/policies/prune-rule.ts";
export { changeRepository } from "./repositories/repository-settings.ts";
export type { RepositorySettings } from "./repositories/repository-settings.ts";
export type { Repository } from "./repositories/repository.ts";
export { changeTag } from "./repositories/tags/change-tag.ts";
export type { TagOutcome } from "./repositories/tags/change-tag.ts";
export { changeTags } from "./repositories/tags/change-tags.ts";
export { describeTags } from "./repositories/tags/describe-tags.ts";
export { forgetImage } from "./repositories/tags/forget-image.ts";
export { listRepositoryTags } from "./repositories/tags/list-tags.ts";
export type { TagListing } from "./repositories/tags/list-tags.ts";
export { restoreTag } from "./repositories/tags/restore-tag.ts";
export { restoreToTime } from "./repositories/time-machine/restore-to-time.ts";
export type { TimeChange, TimeReport } from "./repositories/time-machine/restore-to-time.ts";
