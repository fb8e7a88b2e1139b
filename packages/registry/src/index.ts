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
export { createApplicationToken, createOauthToken } from "./accounts/admin/access-secrets.ts";
export { createRepositoryToken } from "./accounts/admin/repository-tokens.ts";
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
  regenerateRobotToken,
} from "./accounts/admin/robots.ts";
export {
  createUser,
  deleteUser,
  listUsers,
  setEnabled,
  setPassword,
  setSuperuser,
} from "./accounts/admin/users.ts";
export type { ListedAccount } from "./accounts/account-store.ts";
export { randomText } from "./accounts/secret.ts";
export type { CollectionReport } from "./garbage/collection-report.ts";
export { itemText, reportText } from "./garbage/report-text.ts";
export type { RegistryError } from "./http/registry-error.ts";
export { openAdministration } from "./open-administration.ts";
export type { OpenAdministration } from "./open-administration.ts";
export { deleteRepository } from "./repositories/delete-repository.ts";
export { changeRepository } from "./repositories/repository-settings.ts";
export type { RepositorySettings } from "./repositories/repository-settings.ts";
export type { Repository } from "./repositories/repository.ts";
