import type { CommandEntry, CommandGroup } from "./command-entry.ts";

/** Verbs with one line in the overview. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { name: "admin", summary: "manage accounts, repositories and storage of a server" },
];

/** All verbs, in the order in which they are listed. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "serve",
    summary: "run the registry",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  {
    name: "squash",
    summary: "make one layer of an image, or a few",
    load: async () => (await import("./commands/squash.ts")).squash,
  },
  {
    name: "inspect",
    summary: "show the layers of an image and what is wasted in them",
    load: async () => (await import("./commands/inspect.ts")).inspect,
  },
  {
    name: "config check",
    summary: "tell everything that is wrong with a configuration",
    load: async () => (await import("./commands/config-check.ts")).configCheck,
  },
  {
    name: "admin user create",
    summary: "create a user",
    load: async () => (await import("./commands/admin/user-create.ts")).userCreate,
  },
  {
    name: "admin user list",
    summary: "list the users",
    load: async () => (await import("./commands/admin/user-list.ts")).userList,
  },
  {
    name: "admin user password",
    summary: "set the password of a user",
    load: async () => (await import("./commands/admin/user-password.ts")).userPassword,
  },
  {
    name: "admin user change",
    summary: "disable or enable a user, give or take superuser rights",
    load: async () => (await import("./commands/admin/user-change.ts")).userChange,
  },
  {
    name: "admin user delete",
    summary: "delete a user with their robots and tokens",
    load: async () => (await import("./commands/admin/user-delete.ts")).userDelete,
  },
  {
    name: "admin organization create",
    summary: "create an organization, a namespace that people share",
    load: async () => (await import("./commands/admin/organization-create.ts")).organizationCreate,
  },
  {
    name: "admin organization list",
    summary: "list the organizations",
    load: async () => (await import("./commands/admin/organization-list.ts")).organizationList,
  },
  {
    name: "admin organization delete",
    summary: "delete an organization with its robots and teams",
    load: async () => (await import("./commands/admin/organization-delete.ts")).organizationDelete,
  },
  {
    name: "admin robot create",
    summary: "create a robot, an account for a machine",
    load: async () => (await import("./commands/admin/robot-create.ts")).robotCreate,
  },
  {
    name: "admin robot list",
    summary: "list the robots of a user or organization",
    load: async () => (await import("./commands/admin/robot-list.ts")).robotList,
  },
  {
    name: "admin robot token",
    summary: "make a new token for a robot, in place of the old one",
    load: async () => (await import("./commands/admin/robot-token.ts")).robotToken,
  },
  {
    name: "admin robot delete",
    summary: "delete a robot",
    load: async () => (await import("./commands/admin/robot-delete.ts")).robotDelete,
  },
  {
    name: "admin repository list",
    summary: "list the repositories",
    load: async () => (await import("./commands/admin/repository-list.ts")).repositoryList,
  },
  {
    name: "admin repository change",
    summary: "change the settings of a repository",
    load: async () => (await import("./commands/admin/repository-change.ts")).repositoryChange,
  },
  {
    name: "admin repository delete",
    summary: "delete a repository with all its tags and images",
    load: async () => (await import("./commands/admin/repository-delete.ts")).repositoryDelete,
  },
  {
    name: "admin permission set",
    summary: "give a user or robot a role on a repository",
    load: async () => (await import("./commands/admin/permission-set.ts")).permissionSet,
  },
  {
    name: "admin permission list",
    summary: "list the users and robots with a role on a repository",
    load: async () => (await import("./commands/admin/permission-list.ts")).permissionList,
  },
  {
    name: "admin permission remove",
    summary: "take the role of a user or robot on a repository away",
    load: async () => (await import("./commands/admin/permission-remove.ts")).permissionRemove,
  },
  {
    name: "admin token create",
    summary: "make a token for a user or a repository",
    load: async () => (await import("./commands/admin/token-create.ts")).tokenCreate,
  },
  {
    name: "admin gc",
    summary: "delete what nothing refers to, or tell what that is",
    load: async () => (await import("./commands/admin/gc.ts")).gc,
  },
  {
    name: "version",
    summary: "show the version of Wharf and of Node",
    load: async () => (await import("./commands/version.ts")).version,
  },
  {
    name: "help",
    summary: "show this overview, or the page of a command",
    load: async () => (await import("./commands/help.ts")).helpOn(COMMANDS, COMMAND_GROUPS),
  },
];
